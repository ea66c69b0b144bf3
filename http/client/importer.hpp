// The way of an import's items to the server: batches, their answers, what was refused.
#pragma once

#include "http/client/api.hpp"
#include "http/client/records/columns.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace souk::client {

struct import_counts {
  uint64_t created = 0;
  uint64_t updated = 0;
  uint64_t skipped = 0;

  uint64_t settled() const { return created + updated + skipped; }
};

/// Sends at most one batch a connection at a time, so its memory is bounded. For one thread; the
/// API must outlive it.
class importer {
public:
  /// `refused` hears of a line that the server did not take, and why.
  importer(api& shop, table what, std::function<void(uint64_t, const std::string&)> refused);

  /// Takes an item whose category is resolved. Waits while all connections are busy, and while an
  /// earlier item with the same key is on its way. Throws client_error, as finish() does.
  void take(item x);

  /// Sends what is left and waits for all answers.
  void finish();

  const import_counts& counts() const { return counts_; }

  /// All lines before this one are settled; 0: all are.
  uint64_t first_open_line() const;

  /// The most that one request carries: the API's limit, and half of what a body may have.
  static constexpr unsigned max_weight = 500;
  static constexpr size_t max_bytes = 512 * 1024;

private:
  struct batch {
    std::vector<item> items;
    size_t bytes = 0;
    unsigned weight = 0;
    clock::time_point begin{}; ///< when it was first sent; none: not yet
    milliseconds wait{0};      ///< before it is sent; doubled each time
  };

  void flush();
  void send(batch x);
  void answered(batch x, const reply& got);
  void settle(const item& x, std::string_view result);
  void send_again(batch x, const std::string& why);
  void split(batch x);
  void disable(uint64_t line, const std::string& id);
  void refuse(uint64_t line, const std::string& why);

  api& shop_;
  std::string path_;
  std::function<void(uint64_t, const std::string&)> refused_;
  batch next_;
  size_t in_flight_ = 0;
  std::unordered_set<std::string> keys_; ///< of next_ and of all that is on its way
  std::multiset<uint64_t> open_;         ///< the first lines of the batches on their way
  import_counts counts_;
};

} // namespace souk::client
