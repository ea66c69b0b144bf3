// Standard input, output and error, where whoever started the program has closed them.
#pragma once

#include <cstdint>

namespace souk::config {

/// Gives the numbers 0 to 2 to something harmless if they are free: else the next file or socket
/// gets them, and what is printed goes there. Writing to a standard output that was closed fails.
/// Call it before anything else.
void hold_standard_descriptors();

/// Raises this process's limit of open descriptors as far as it may. Returns how many connections
/// of clients fit below it, at most `wanted`: the others are for the database, files and the rest.
uint32_t descriptors_for_clients(uint32_t wanted);

} // namespace souk::config
