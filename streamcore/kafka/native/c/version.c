/* Which source this library was built from. */
#include "librdkafka.h"

#define QUOTED(text) #text
#define TEXT(macro) QUOTED(macro)

EXPORTED const char streamcore_source[] = TEXT(STREAMCORE_SOURCE);
