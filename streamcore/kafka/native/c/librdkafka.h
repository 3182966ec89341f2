/* What this library uses of librdkafka: declared here, resolved at run time, linked against never.
 *
 * All of it is public and part of the stable binary interface (rdkafka.h).  The functions come as a table
 * from the librdkafka that confluent-kafka has loaded, so that there is one librdkafka in the process.
 */
#ifndef STREAMCORE_LIBRDKAFKA_H
#define STREAMCORE_LIBRDKAFKA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef _MSC_VER
#include <BaseTsd.h>
typedef SSIZE_T ssize_t;
#define EXPORTED __declspec(dllexport)
#define THREAD_LOCAL __declspec(thread)
#else
#define EXPORTED __attribute__((visibility("default")))
#define THREAD_LOCAL _Thread_local
#endif

typedef struct {
    int err;
    void *topic;
    int32_t partition;
    void *payload;
    size_t len;
    void *key;
    size_t key_len;
    int64_t offset;
    void *opaque;
} message_t;

/* rd_kafka_vu_t: one argument of rd_kafka_produceva. */
typedef struct {
    int kind;
    union {
        int integer;
        int32_t int32;
        void *pointer;
        struct {
            const void *start;
            size_t size;
        } bytes;
        char padding[64];
    } as;
} argument_t;

typedef int on_new_t(void *client, const void *conf, void *opaque, char *text, size_t size);
typedef int on_conf_destroy_t(void *opaque);
typedef int on_acknowledgement_t(void *client, message_t *message, void *opaque);

/* In the order of library.py. */
typedef struct {
    ssize_t (*consume_batch_queue)(void *queue, int timeout_ms, message_t **messages, size_t count);
    void (*message_destroy)(message_t *message);
    int64_t (*message_timestamp)(const message_t *message, int *kind);
    const char *(*message_errstr)(const message_t *message);
    int (*message_headers)(const message_t *message, void **headers);
    int (*header_get_all)(const void *headers, size_t index, const char **name, const void **value, size_t *size);
    int (*last_error)(void);
    int (*conf_interceptor_add_on_new)(void *conf, const char *name, on_new_t *on_new, void *opaque);
    int (*conf_interceptor_add_on_conf_destroy)(void *conf, const char *name, on_conf_destroy_t *on, void *opaque);
    int (*interceptor_add_on_acknowledgement)(void *client, const char *name, on_acknowledgement_t *on, void *opaque);
    const char *(*topic_name)(const void *topic);
    int (*produce_batch)(void *topic, int32_t partition, int flags, message_t *messages, int count);
    void *(*produceva)(void *client, const argument_t *arguments, size_t count);
    int (*error_code)(const void *error);
    void (*error_destroy)(void *error);
    void *(*headers_new)(size_t count);
    int (*header_add)(void *headers, const char *name, ssize_t name_size, const void *value, ssize_t size);
    void (*headers_destroy)(void *headers);
} librdkafka_t;

void streamcore_queueing(int is_so);

#endif
