// Standard input, output and error, where whoever started the program has closed them.
#pragma once

namespace souk::config {

/// Gives the numbers 0 to 2 to something harmless if they are free: else the next file or socket
/// gets them, and what is printed goes there. Writing to a standard output that was closed fails.
/// Call it before anything else.
void hold_standard_descriptors();

} // namespace souk::config
