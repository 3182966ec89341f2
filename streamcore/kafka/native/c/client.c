/* The handle of a client that confluent-kafka makes, by the way that librdkafka has for it: a plugin.
 *
 * A client whose property plugin.library.paths names this library calls `conf_init` while it is configured
 * and `made` when it has been made, in the thread that makes it.
 */
#include <stdlib.h>
#include <string.h>

#include "librdkafka.h"

#ifdef _MSC_VER
#include <intrin.h>
#define INCREMENTED(place) _InterlockedIncrement(place)
#define DECREMENTED(place) _InterlockedDecrement(place)
#define READ(place) _InterlockedOr(place, 0)
#else
#define INCREMENTED(place) __atomic_add_fetch(place, 1, __ATOMIC_SEQ_CST)
#define DECREMENTED(place) __atomic_sub_fetch(place, 1, __ATOMIC_SEQ_CST)
#define READ(place) __atomic_load_n(place, __ATOMIC_SEQ_CST)
#endif

/* What became of a producer's rows; of those that were not delivered, the first. Held by Python and by the
 * client's configuration, which librdkafka frees when its threads have ended. */
typedef struct {
    long holders;
    long claims;
    long is_written;
    int error;
    char topic[256];
} deliveries_t;

static librdkafka_t installed;
static THREAD_LOCAL void *newest;
static THREAD_LOCAL deliveries_t *expected;
static THREAD_LOCAL int queueing;

EXPORTED void streamcore_install(const librdkafka_t *kafka) { installed = *kafka; }

/* The client that this thread has made since it last asked; NULL when none. */
EXPORTED void *streamcore_take_client(void) {
    void *client = newest;
    newest = NULL;
    return client;
}

EXPORTED deliveries_t *streamcore_new_deliveries(void) {
    deliveries_t *deliveries = calloc(1, sizeof(deliveries_t));
    if (deliveries != NULL) deliveries->holders = 1;
    return deliveries;
}

/* The next client of this thread writes what becomes of its rows there; NULL: none does. */
EXPORTED void streamcore_expect(deliveries_t *deliveries) { expected = deliveries; }

EXPORTED int streamcore_release_deliveries(void *deliveries) {
    if (DECREMENTED(&((deliveries_t *)deliveries)->holders) == 0) free(deliveries);
    return 0;
}

/* The error of the first row that was not delivered, and the row's topic; 0 when there is none. */
EXPORTED int streamcore_first_failure(deliveries_t *deliveries, const char **topic) {
    *topic = deliveries->topic;
    return READ(&deliveries->is_written) ? deliveries->error : 0;
}

/* While a thread queues rows, it is told of those that are not taken in another way. */
void streamcore_queueing(int is_so) { queueing = is_so; }

static int acknowledged(void *client, message_t *message, void *opaque) {
    (void)client;
    deliveries_t *deliveries = opaque;
    if (message->err == 0 || queueing || INCREMENTED(&deliveries->claims) != 1) return 0;
    deliveries->error = message->err;
    strncpy(deliveries->topic, installed.topic_name(message->topic), sizeof(deliveries->topic) - 1);
    INCREMENTED(&deliveries->is_written);
    return 0;
}

static int made(void *client, const void *conf, void *deliveries, char *text, size_t size) {
    (void)conf, (void)text, (void)size;
    newest = client;
    return deliveries == NULL
               ? 0
               : installed.interceptor_add_on_acknowledgement(client, "streamcore", acknowledged, deliveries);
}

EXPORTED int conf_init(void *conf, void **opaque, char *text, size_t size) {
    (void)opaque, (void)text, (void)size;
    deliveries_t *deliveries = expected;
    int error = installed.conf_interceptor_add_on_new(conf, "streamcore", made, deliveries);
    if (error != 0 || deliveries == NULL) return error;
    INCREMENTED(&deliveries->holders);
    error = installed.conf_interceptor_add_on_conf_destroy(conf, "streamcore", streamcore_release_deliveries, deliveries);
    if (error != 0) streamcore_release_deliveries(deliveries);
    return error;
}
