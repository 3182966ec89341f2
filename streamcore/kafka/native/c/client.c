/* The handle of a client that confluent-kafka makes, by the way that librdkafka has for it: a plugin.
 *
 * A client whose property plugin.library.paths names this library calls `conf_init` while it is configured
 * and `tell` when it has been made, in the thread that makes it.
 */
#include "librdkafka.h"

static const librdkafka_t *installed;
static THREAD_LOCAL void *newest;

static int tell(void *client, const void *conf, void *opaque, char *text, size_t size) {
    (void)conf, (void)opaque, (void)text, (void)size;
    newest = client;
    return 0;
}

EXPORTED void streamcore_install(const librdkafka_t *kafka) { installed = kafka; }

/* The client that this thread has made since it last asked; NULL when none. */
EXPORTED void *streamcore_take_client(void) {
    void *client = newest;
    newest = NULL;
    return client;
}

EXPORTED int conf_init(void *conf, void **opaque, char *text, size_t size) {
    (void)opaque, (void)text, (void)size;
    return installed->conf_interceptor_add_on_new(conf, "streamcore", tell, NULL);
}
