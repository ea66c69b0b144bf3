// A database that persistence has opened, with a committer on it, and the test's own look at it.
#pragma once

#include "persistence/committer.hpp"
#include "persistence/persistence.hpp"
#include "tests/persistence/support/writes.hpp"
#include "tests/system/support/databases.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace souk::tests {

/// New and empty, four shards a domain, all owned by the node `here`. For one thread.
class store {
public:
  explicit store(engine kind);

  /// The same on a database that exists, e.g. on a server of the test's own.
  explicit store(std::unique_ptr<database> on);

  store(const store&) = delete;
  store& operator=(const store&) = delete;
  ~store();

  /// What `open`, `spawn_writer` and further committers take.
  persistence::options options;

  /// Ends what holds the database open, or opens it again as a restarted server does.
  void close();
  void reopen();

  /// The one that most tests use; made when first asked for.
  persistence::committer& committer();

  /// Decides these writes in one go.
  persistence::batch_result commit(const std::vector<actors::write>& writes);

  /// Creates products 1 to n with these counts; throws std::runtime_error if that is refused.
  void stock_up(const std::vector<int64_t>& counts);

  const database& sql() const { return *database_; }
  bool postgresql() const { return database_->kind() == engine::postgresql; }
  int64_t number(const std::string& query) const { return database_->number(query); }
  void execute(const std::string& statement) const { database_->execute(statement); }

  int64_t on_hand(int64_t product) const;
  int64_t stock_version(int64_t product) const;
  int64_t count(const std::string& table, const std::string& condition = "1 = 1") const;
  int64_t batches(const std::string& writer = "here") const; ///< the writer row's number

  /// What is wrong with the books by persistence's own check; empty: nothing.
  std::string faults() const;

private:
  std::unique_ptr<database> database_;
  std::unique_ptr<persistence::database> opened_;
  std::unique_ptr<persistence::committer> committer_;
};

/// Why each write of a batch was refused, none if it was not; fails the test where one failed.
std::vector<actors::refusal> refusals(const persistence::batch_result& r);

/// What the database_error says that `f` throws; empty: none.
std::string message_of(const std::function<void()>& f);

} // namespace souk::tests
