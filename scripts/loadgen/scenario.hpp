// What is sent: the bytes of each request, from parts that are prepared once.
#pragma once

#include "scripts/loadgen/net.hpp"
#include "scripts/loadgen/options.hpp"

#include <random>
#include <string>
#include <vector>

namespace souk::loadgen {

/// What all threads send, fixed before the load begins; read-only afterwards.
struct plan {
  std::vector<int64_t> products;
  std::vector<std::string> order_heads; ///< a customer each: all up to the value of Content-Length
  std::vector<std::string> list_heads;  ///< a customer each: a whole request for own orders
  std::vector<std::string> targets;     ///< of the scenario get
  std::vector<std::string> get_tails;   ///< what follows a target: one a customer, or one for all
  std::string read_tail;                ///< what follows the product id in a read
  std::string register_head;
  std::string run; ///< differs from run to run: part of names and keys
};

/// Asks the server for product ids where the options do not name them, and for tokens. Throws
/// `failure`.
plan make_plan(const options& opts, const endpoint& to);

/// Writes one request after the other. One per thread.
class request_maker {
public:
  /// `number` tells the threads' random choices apart. Both references outlive the maker.
  request_maker(const options& opts, const plan& from, uint32_t number);

  /// Replaces `out` by the next request.
  void next(std::string& out);

private:
  void order(std::string& out);
  void product_read(std::string& out);
  void get(std::string& out);
  void own_orders(std::string& out);
  void registration(std::string& out);
  int64_t product();
  size_t below(size_t limit); ///< a random number, evenly spread

  const options& opts_;
  const plan& plan_;
  std::mt19937_64 random_;
  std::string prefix_; ///< of names and keys
  uint64_t sent_ = 0;
  size_t user_ = 0;
  std::string body_;
  std::vector<int64_t> drawn_;
};

} // namespace souk::loadgen
