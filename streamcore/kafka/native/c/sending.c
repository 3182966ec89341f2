/* Rows of Arrow arrays into a producer's queue, outside of Python's lock.
 *
 * Rows are queued in their order until one is not taken; Python decides what that means and calls again.
 */
#include <string.h>

#include "librdkafka.h"

#define ANY_PARTITION (-1)
#define COPY 2
#define MOST_AT_ONCE 16 /* one call takes its locks once; rows behind a refused one are few */

enum argument { END, TOPIC_NAME, TOPIC, PARTITION, VALUE, KEY, OPAQUE, FLAGS, TIMESTAMP, HEADER, HEADERS };

/* A column as Arrow has it; `first` is the place of row 0 in the validity. */
typedef struct {
    const uint8_t *validity; /* NULL where none is null */
    const int32_t *ends;     /* NULL where there is no such column */
    const uint8_t *data;
    int64_t first;
} column_t;

typedef struct {
    int64_t count;
    int64_t next;  /* the first row not yet queued */
    int32_t error; /* why that row was not */
    void **topics;
    const int32_t *topic_of; /* per row; NULL where all go to the first */
    column_t key;
    column_t value;
    column_t partition; /* its numbers are `ends` */
    column_t headers;
    column_t header_key;
    column_t header_value;
} rows_t;

EXPORTED const int64_t streamcore_sending_sizes[] = {sizeof(column_t), sizeof(rows_t)};

static int is_there(const column_t *column, int64_t row) {
    int64_t place = column->first + row;
    return column->validity == NULL || (column->validity[place / 8] >> place % 8 & 1);
}

static const void *bytes_of(const column_t *column, int64_t row, size_t *size) {
    *size = 0;
    if (column->ends == NULL || !is_there(column, row)) return NULL;
    *size = (size_t)(column->ends[row + 1] - column->ends[row]);
    return column->data + column->ends[row];
}

static int32_t partition_of(const rows_t *rows, int64_t row) {
    return rows->partition.ends == NULL || !is_there(&rows->partition, row) ? ANY_PARTITION : rows->partition.ends[row];
}

static void *topic_of(const rows_t *rows, int64_t row) {
    return rows->topics[rows->topic_of == NULL ? 0 : rows->topic_of[row]];
}

static int64_t headers_of(const rows_t *rows, int64_t row) {
    if (rows->headers.ends == NULL || !is_there(&rows->headers, row)) return 0;
    return rows->headers.ends[row + 1] - rows->headers.ends[row];
}

static void *made_headers(const librdkafka_t *kafka, const rows_t *rows, int64_t row, int64_t count) {
    void *made = kafka->headers_new((size_t)count);
    for (int64_t i = 0; i < count; i++) {
        int64_t place = rows->headers.ends[row] + i;
        size_t name_size, size;
        const void *name = bytes_of(&rows->header_key, place, &name_size);
        const void *value = bytes_of(&rows->header_value, place, &size);
        kafka->header_add(made, name == NULL ? "" : name, (ssize_t)name_size, value, (ssize_t)size);
    }
    return made;
}

static int queue_with_headers(const librdkafka_t *kafka, void *client, const rows_t *rows, int64_t row, int64_t count) {
    argument_t given[6];
    memset(given, 0, sizeof(given));
    given[0].kind = TOPIC, given[0].as.pointer = topic_of(rows, row);
    given[1].kind = PARTITION, given[1].as.int32 = partition_of(rows, row);
    given[2].kind = VALUE, given[2].as.bytes.start = bytes_of(&rows->value, row, &given[2].as.bytes.size);
    given[3].kind = KEY, given[3].as.bytes.start = bytes_of(&rows->key, row, &given[3].as.bytes.size);
    given[4].kind = FLAGS, given[4].as.integer = COPY;
    given[5].kind = HEADERS, given[5].as.pointer = made_headers(kafka, rows, row, count);
    void *error = kafka->produceva(client, given, 6);
    if (error == NULL) return 0;
    int code = kafka->error_code(error);
    kafka->error_destroy(error);
    kafka->headers_destroy(given[5].as.pointer);
    return code;
}

/* Queues the rows from `next` on that can go in one call: one topic, no headers, no partition said. */
static int64_t queue_together(const librdkafka_t *kafka, const rows_t *rows, int *error) {
    message_t messages[MOST_AT_ONCE];
    int64_t first = rows->next;
    int32_t partition = partition_of(rows, first);
    void *topic = topic_of(rows, first);
    int count = 0;
    while (first + count < rows->count && count < MOST_AT_ONCE && topic_of(rows, first + count) == topic &&
           partition_of(rows, first + count) == partition && headers_of(rows, first + count) == 0) {
        message_t *message = memset(&messages[count], 0, sizeof(message_t));
        message->payload = (void *)bytes_of(&rows->value, first + count, &message->len);
        message->key = (void *)bytes_of(&rows->key, first + count, &message->key_len);
        count++;
    }
    kafka->produce_batch(topic, partition, COPY, messages, count);
    for (int i = 0; i < count; i++) {
        if (messages[i].err != 0) {
            *error = messages[i].err;
            return i;
        }
    }
    return count;
}

/* Queues rows until all are or one is not; returns how many there are still. */
EXPORTED int64_t streamcore_send(const librdkafka_t *kafka, void *client, rows_t *rows) {
    rows->error = 0;
    streamcore_queueing(1);
    while (rows->next < rows->count && rows->error == 0) {
        int error = 0;
        int64_t headers = headers_of(rows, rows->next);
        if (headers > 0) {
            error = queue_with_headers(kafka, client, rows, rows->next, headers);
            rows->next += error == 0;
        } else {
            rows->next += queue_together(kafka, rows, &error);
        }
        rows->error = error;
    }
    streamcore_queueing(0);
    return rows->count - rows->next;
}
