// What CAF makes of every message's `inspect`: see SOUK_INSPECTED.
#define SOUK_INSPECT_ELSEWHERE
#include "actors/messages/type_ids.hpp"
