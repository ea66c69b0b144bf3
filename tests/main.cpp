// The main function of the tests that link Souk's libraries.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
