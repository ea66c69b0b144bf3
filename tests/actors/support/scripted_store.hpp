// A database in memory with a writer, readers and password workers in front of it, whose answers
// can be held back, refused or lost.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/router.hpp"
#include "tests/actors/support/fixture.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace souk::actors::test {

using writer_impl = writer_actor::extend<caf::reacts_to<caf::tick_atom>>;
using reader_impl = reader_actor::extend<caf::reacts_to<caf::tick_atom>>;

/// Behaves as persistence does: commits or refuses, settles, and refuses what an incarnation still
/// writes after one of its writes failed. What arrives is recorded in the order of arrival.
class scripted_store {
public:
  explicit scripted_store(actor_fixture& f);

  router<writer_actor> writers() const { return router{writer_table_}; }
  router<reader_actor> readers() const { return router{reader_table_}; }
  router<password_actor> passwords() const { return router{password_table_}; }

  // -- the rows
  void add_product(int64_t id, int64_t on_hand, int64_t price = 100);

  std::map<int64_t, domain::product> products;
  std::map<int64_t, domain::stock_level> counts;
  std::map<int64_t, domain::order> orders;
  std::map<domain::uuid, user_row> users;
  std::map<int64_t, domain::category> categories;
  std::map<domain::uuid, domain::cart> carts;
  std::map<std::string, payment_row> payments;
  std::vector<event> events; ///< the log, as `load_events` reads it
  std::map<std::string, log_position> positions;
  std::map<std::string, kept_answer> kept;

  // -- the writer
  /// Whether the n-th write (from 0) is held back.
  bool open(size_t n) const { return open_writes_.contains(n); }
  /// Commits the n-th write, or refuses it as persistence would.
  void commit(size_t n);
  /// Answers the n-th write in this way; nothing is changed.
  void refuse(size_t n, written answer);
  /// Fails the n-th write, and with it all later ones of its incarnation.
  void fail(size_t n, ec code);
  /// Changes the rows without a word to anyone: a COMMIT whose answer was lost.
  void commit_in_silence(size_t n);
  /// The same if persistence would still take it; then fails it as `outcome_unknown`.
  void lose(size_t n);
  /// Answers the fences that were held back.
  void answer_fences();
  void answer_ids();

  std::vector<write> writes;
  std::vector<fence> fences;
  std::vector<take_ids> ids_taken;
  bool hold_writes = false;
  bool hold_fences = false;
  bool hold_ids = false;
  std::optional<ec> fences_fail;
  std::optional<ec> ids_fail;
  std::optional<ec> writes_fail;
  int64_t block = 1024;                             ///< how many ids a block has
  int64_t first_counter = 1;                        ///< of each shard
  std::function<void(const settle_stock&)> settled; ///< told of the counts after each commit

  // -- the readers
  /// Answers the reads that were held back, with what they found when they came.
  void answer_reads();
  /// How many reads of this kind came.
  template <class Command>
  size_t reads() const {
    auto i = reads_.find(typeid(Command).name());
    return i == reads_.end() ? 0 : i->second;
  }

  bool hold_reads = false;
  int64_t categories_at_once = 5'000; ///< how many one read tells at most
  std::optional<ec> reads_fail;

  // -- the password workers
  std::vector<verify_password> verified;
  std::vector<hash_password> hashed;
  std::optional<ec> passwords_fail;

private:
  writer_impl::behavior_type writer_behavior(writer_impl::pointer self);
  reader_impl::behavior_type reader_behavior(reader_impl::pointer self);
  password_actor::behavior_type password_behavior();
  fenced begin(const fence& f);
  id_block next_block(domain::domain_id d, uint32_t shard);
  ec may_write(const incarnation& by) const;
  written refused(const write& w) const;
  written apply(const write& w);
  void tell_stock(const write& w);
  void in_writer(std::function<void()> work);
  template <class Command, class T>
  caf::result<T> read(reader_impl::pointer self, caf::expected<T> found);

  using shard_key = std::pair<domain::domain_id, uint32_t>;

  actor_fixture& fixture_;
  writer_impl writer_;
  reader_impl reader_;
  std::shared_ptr<shard_table<writer_actor>> writer_table_;
  std::shared_ptr<shard_table<reader_actor>> reader_table_;
  std::shared_ptr<shard_table<password_actor>> password_table_;
  std::vector<std::function<void()>> work_; ///< to be done in the writer
  std::map<size_t, caf::typed_response_promise<written>> open_writes_;
  std::vector<std::function<void()>> open_fences_;
  std::vector<std::function<void()>> open_ids_;
  std::vector<std::function<void()>> open_reads_;
  std::map<shard_key, uint64_t> incarnations_;
  std::map<shard_key, uint64_t> poisoned_;
  std::map<shard_key, int64_t> next_id_;
  std::map<std::string, size_t> reads_;
};

} // namespace souk::actors::test
