/* Messages of one partition's queue into Arrow buffers, outside of Python's lock.
 *
 * Nothing is decided and nothing allocated here: Python gives the buffers and their room, reads how it
 * ended, and calls again.  A row is written whole or not at all.
 */
#include <limits.h>
#include <string.h>

#include "librdkafka.h"

#define CHUNK 1000 /* messages that stay in the processor's cache */

/* ON: nothing is in the way; as the end of a whole call, the queue is empty. */
enum ended { ON, FULL, SHORT_OF_ROOM, FAILED, AT_END };

/* Binaries or texts: the end of each in `data`, and a bit for each that is present. */
typedef struct {
    uint8_t *validity; /* NULL where none can be absent */
    int32_t *ends;     /* NULL where the column is not wanted */
    uint8_t *data;
    int64_t room; /* of `data` */
    int64_t used;
    int64_t nulls;
    int64_t needed; /* with SHORT_OF_ROOM: at least this much of `data` */
} binary_t;

typedef struct {
    int64_t rows;
    int64_t rows_room;
    int64_t bytes_limit; /* full once keys, values and headers together have reached it */
    binary_t key;
    binary_t value;
    int64_t *offsets;
    int64_t *times; /* microseconds */
    int32_t *kinds;
    uint8_t *with_headers; /* the validity of the lists */
    int32_t *header_ends;  /* the lists' ends; NULL where headers are not wanted */
    int64_t headers;
    int64_t headers_room;
    int64_t headers_needed; /* with SHORT_OF_ROOM */
    int64_t without_headers;
    binary_t header_key;
    binary_t header_value;
} batch_t;

/* What stays between two calls: the messages that were fetched and not yet taken. */
typedef struct {
    void *queue;
    int64_t position;
    int64_t end;
    int32_t next;
    int32_t fetched;
    int32_t error;
    int64_t error_offset;
    char error_text[512];
    message_t *messages[CHUNK];
} intake_t;

EXPORTED const int64_t streamcore_filling_sizes[] = {sizeof(binary_t), sizeof(batch_t), sizeof(intake_t)};

static void mark(uint8_t *validity, int64_t row, int present) {
    if (row % 8 == 0) validity[row / 8] = 0;
    if (present) validity[row / 8] |= (uint8_t)(1 << row % 8);
}

static void put(binary_t *column, int64_t row, const void *bytes, size_t size) {
    if (bytes != NULL && size > 0) {
        memcpy(column->data + column->used, bytes, size);
        column->used += (int64_t)size;
    }
    column->ends[row + 1] = (int32_t)column->used;
    if (column->validity != NULL) {
        mark(column->validity, row, bytes != NULL);
        column->nulls += bytes == NULL;
    }
}

static int has_room(binary_t *column, size_t size) {
    if ((size_t)(column->room - column->used) >= size) return 1;
    column->needed = column->used + (int64_t)size;
    return 0;
}

static int fits_offsets(const binary_t *column, size_t size) { return size <= (size_t)(INT32_MAX - column->used); }

typedef struct {
    void *all;
    int64_t count;
    size_t keys;
    size_t values;
} headers_t;

static headers_t headers_of(const librdkafka_t *kafka, const message_t *message) {
    headers_t found = {NULL, 0, 0, 0};
    const char *name;
    const void *value;
    size_t size;
    if (kafka->message_headers(message, &found.all) != 0) return found;
    while (kafka->header_get_all(found.all, (size_t)found.count, &name, &value, &size) == 0) {
        found.count++;
        found.keys += strlen(name);
        found.values += value == NULL ? 0 : size;
    }
    return found;
}

static void put_headers(const librdkafka_t *kafka, batch_t *batch, const headers_t *found) {
    const char *name;
    const void *value;
    size_t size;
    for (int64_t i = 0; i < found->count; i++) {
        kafka->header_get_all(found->all, (size_t)i, &name, &value, &size);
        put(&batch->header_key, batch->headers, name, strlen(name));
        put(&batch->header_value, batch->headers, value, size);
        batch->headers++;
    }
    mark(batch->with_headers, batch->rows, found->count > 0);
    batch->without_headers += found->count == 0;
    batch->header_ends[batch->rows + 1] = (int32_t)batch->headers;
}

/* Whether all of a row can be written; else what it is short of stands in `needed`. */
static enum ended room_for(batch_t *batch, const message_t *message, const headers_t *headers) {
    size_t key = batch->key.ends == NULL ? 0 : message->key_len;
    size_t value = batch->value.ends == NULL ? 0 : message->len;
    if (!fits_offsets(&batch->key, key) || !fits_offsets(&batch->value, value) ||
        !fits_offsets(&batch->header_key, headers->keys) || !fits_offsets(&batch->header_value, headers->values) ||
        headers->count > INT32_MAX - 1 - batch->headers)
        return FULL;
    int enough = has_room(&batch->key, key) & has_room(&batch->value, value) &
                 has_room(&batch->header_key, headers->keys) & has_room(&batch->header_value, headers->values);
    if (batch->headers_room - batch->headers < headers->count) {
        batch->headers_needed = batch->headers + headers->count;
        enough = 0;
    }
    return enough ? ON : SHORT_OF_ROOM;
}

static enum ended add(const librdkafka_t *kafka, batch_t *batch, const message_t *message) {
    headers_t headers = {NULL, 0, 0, 0};
    int64_t row = batch->rows;
    if (batch->header_ends != NULL) headers = headers_of(kafka, message);
    enum ended room = room_for(batch, message, &headers);
    if (room != ON) return room;
    if (batch->key.ends != NULL) put(&batch->key, row, message->key, message->key_len);
    if (batch->value.ends != NULL) put(&batch->value, row, message->payload, message->len);
    if (batch->offsets != NULL) batch->offsets[row] = message->offset;
    if (batch->times != NULL || batch->kinds != NULL) {
        int kind = 0;
        int64_t ms = kafka->message_timestamp(message, &kind);
        /* librdkafka counts the kinds from "not available" = 0; Spark from "create time" = 0. */
        if (batch->kinds != NULL) batch->kinds[row] = kind - 1;
        if (batch->times != NULL) batch->times[row] = (int64_t)((uint64_t)ms * 1000u);
    }
    if (batch->header_ends != NULL) put_headers(kafka, batch, &headers);
    batch->rows++;
    return ON;
}

static int is_full(const batch_t *batch) {
    int64_t bytes = batch->key.used + batch->value.used + batch->header_key.used + batch->header_value.used;
    return batch->rows >= batch->rows_room || bytes >= batch->bytes_limit;
}

static void tell_error(intake_t *intake, int error, int64_t offset, const char *text) {
    intake->error = error;
    intake->error_offset = offset;
    strncpy(intake->error_text, text == NULL ? "" : text, sizeof(intake->error_text) - 1);
    intake->error_text[sizeof(intake->error_text) - 1] = '\0';
}

/* Takes the next message that was fetched; ON when more can be taken. */
static enum ended take(const librdkafka_t *kafka, intake_t *intake, batch_t *batch) {
    message_t *message = intake->messages[intake->next];
    enum ended how = ON;
    if (message->err != 0) {
        tell_error(intake, message->err, message->offset, kafka->message_errstr(message));
        how = FAILED;
    } else if (message->offset >= intake->end) {
        return AT_END;
    } else if (message->offset >= intake->position) { /* else it was fetched before a seek */
        if (is_full(batch)) return FULL;
        how = add(kafka, batch, message);
        if (how != ON) return how;
        intake->position = message->offset + 1;
    }
    intake->next++;
    kafka->message_destroy(message);
    return how;
}

static enum ended fetch(const librdkafka_t *kafka, intake_t *intake, int timeout_ms) {
    int64_t missing = intake->end - intake->position;
    size_t wanted = missing < CHUNK ? (size_t)missing : CHUNK;
    ssize_t found = kafka->consume_batch_queue(intake->queue, 0, intake->messages, wanted);
    /* A batch is waited for until it is whole; one message until it comes. */
    if (found == 0 && timeout_ms > 0)
        found = kafka->consume_batch_queue(intake->queue, timeout_ms, intake->messages, 1);
    intake->next = 0;
    intake->fetched = found > 0 ? (int32_t)found : 0;
    if (found >= 0) return ON;
    tell_error(intake, kafka->last_error(), -1, "");
    return FAILED;
}

/* Fills a batch up to the range's end or until the queue is empty; waits for the first message only. */
EXPORTED int streamcore_fill(const librdkafka_t *kafka, intake_t *intake, batch_t *batch, int timeout_ms) {
    while (intake->position < intake->end) {
        if (intake->next == intake->fetched) {
            if (is_full(batch)) return FULL;
            enum ended how = fetch(kafka, intake, timeout_ms);
            if (intake->fetched == 0) return how;
            timeout_ms = 0;
        }
        while (intake->next < intake->fetched) {
            enum ended how = take(kafka, intake, batch);
            if (how != ON) return how;
        }
    }
    return AT_END;
}

/* Forgets the messages that were fetched and not taken. */
EXPORTED void streamcore_forget(const librdkafka_t *kafka, intake_t *intake) {
    while (intake->next < intake->fetched) kafka->message_destroy(intake->messages[intake->next++]);
}
