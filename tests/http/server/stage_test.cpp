// Drives one step of the way of many requests.
#include "http/server/stage.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace souk;

TEST_CASE("A stage takes all that waits through in one later round", "[http]") {
  boost::asio::io_context io;
  std::string seen;
  http::stage<char> first{io, [&](char c) { seen += c; }};
  http::stage<char> second{io, [&](char c) {
                             seen += c;
                             first.add(static_cast<char>(c - 'a' + 'A'));
                           }};
  boost::asio::post(io, [&] { second.add('a'); });
  boost::asio::post(io, [&] { second.add('b'); });
  boost::asio::post(io, [&] { seen += '.'; });
  io.run();
  CHECK(seen == ".abAB");
}

TEST_CASE("What is added while a stage works comes in its next round", "[http]") {
  boost::asio::io_context io;
  std::string seen;
  http::stage<int>* again = nullptr;
  http::stage<int> numbers{io, [&](int n) {
                             seen += std::to_string(n);
                             if (n < 3) {
                               again->add(n + 1);
                               boost::asio::post(io, [&] { seen += '.'; });
                             }
                           }};
  again = &numbers;
  numbers.add(1);
  numbers.add(1);
  io.run();
  CHECK(seen == "1122..33..");
}

TEST_CASE("A stage can be run at once", "[http]") {
  boost::asio::io_context io;
  std::string seen;
  http::stage<char> letters{io, [&](char c) { seen += c; }};
  letters.add('a');
  letters.run();
  CHECK(seen == "a");
  letters.run();
  io.run(); // the round that was asked for finds nothing
  CHECK(seen == "a");
  letters.add('b');
  io.restart();
  io.run();
  CHECK(seen == "ab");
}
