#include "persistence/committer.hpp"

#include "actors/log.hpp"
#include "persistence/row_text.hpp"
#include "persistence/statements.hpp"
#include "persistence/transaction.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace souk::persistence {

using namespace actors;
using clock = std::chrono::steady_clock;

namespace {

constexpr int64_t ids_in_block = 1024;

bool needs_the_count(const write& w) {
  return std::any_of(w.stock.begin(), w.stock.end(), [](const stock_change& c) {
    return c.kind == stock_change_kind::set || c.expected_version != 0;
  });
}

void append_all(std::vector<domain::stock_level>& to,
                const std::vector<domain::stock_level>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

} // namespace

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

/// What an attempt came to. `here` is valid as a whole if it was committed; of the writes in
/// `refused` it is valid in any case.
struct committer::attempt_result {
  ended how = ended::other;
  std::string why;
  batch_result here;
  std::vector<size_t> refused;
};

committer::committer(const options& o)
  : options_{o}, connection_{location::parse(o.url), access::writer, o.stall_timeout} {}

committer::~committer() {
  disconnect();
}

void committer::disconnect() {
  statements_.reset();
  connection_.close();
}

/// Opens the session if need be, for a bounded time; after a failure only tries once, so that an
/// absent database is told at once. Reads where the writer row stands: this waits for the end of a
/// transaction whose connection was lost.
bool committer::connect() {
  auto began = clock::now();
  for (;;) {
    try {
      if (statements_)
        return true;
      connection_.open();
      connection::guard g{connection_};
      statements_ = std::make_unique<statements>(connection_.sql(), connection_.kind());
      connection_.begin();
      statements_->writer_batch.param(0) = options_.node;
      batch_ = -1; // no row: someone has taken over, and nobody knows about our last COMMIT
      statements_->writer_batch.run([this](long long n) { batch_ = n; });
      connection_.rollback();
      if (down_since_ != clock::time_point{})
        spdlog::info("the database answers again");
      down_since_ = {};
      ++connects_;
      return true;
    } catch (...) {
      std::string why;
      connection_.classify(why);
      disconnect();
      auto now = clock::now();
      if (down_since_ == clock::time_point{}) {
        down_since_ = now;
        spdlog::error("the database does not answer: {}", why);
      }
      // Others wait behind this thread: be patient once, not for each batch.
      if (now - began > options_.reconnect_timeout
          || now - down_since_ > options_.reconnect_timeout)
        return false;
    }
    connection_.pause(std::chrono::milliseconds{50}); // blocks the session's own thread only
  }
}

batch_result committer::commit(std::span<const write* const> writes,
                               std::optional<appended_rows> prepared) {
  prepared_ = std::move(prepared);
  batch_result result;
  result.decisions.resize(writes.size());
  std::vector<size_t> todo(writes.size());
  for (size_t i = 0; i < todo.size(); ++i)
    todo[i] = i;
  if (!todo.empty())
    decide(std::move(todo), writes, result);
  return result;
}

void committer::decide(std::vector<size_t> todo, std::span<const write* const> writes,
                       batch_result& result) {
  auto fail = [&](ec code, const std::string& why) {
    spdlog::error("{} writes: {}: {}", todo.size(), to_string(code), why);
    for (auto i : todo)
      result.decisions[i].error = code;
  };
  bool careful =
    std::any_of(todo.begin(), todo.end(), [&](size_t i) { return needs_the_count(*writes[i]); });
  for (int n = 0; n < max_attempts && !todo.empty(); ++n) {
    if (!connect())
      return fail(ec::write_failed, "no connection");
    auto before = batch_;
    auto tried = attempt(todo, writes, careful, n == 0);
    auto adopt = [&](const std::vector<size_t>& which) {
      for (auto i : which)
        result.decisions[i] = std::move(tried.here.decisions[i]);
    };
    switch (tried.how) {
    case ended::unknown:
      disconnect();
      if (!connect())
        return fail(ec::outcome_unknown, tried.why);
      if (batch_ == before)
        continue;               // it was not committed
      if (batch_ != before + 1) // a takeover skips a number, so that this is not taken for ours
        return fail(ec::outcome_unknown, "another process has taken over: " + tried.why);
      [[fallthrough]];
    case ended::committed:
      adopt(todo);
      append_all(result.levels, tried.here.levels);
      append_all(result.refreshed, tried.here.refreshed);
      return;
    case ended::refused:
      adopt(tried.refused);
      std::erase_if(todo, [&](size_t i) {
        return std::find(tried.refused.begin(), tried.refused.end(), i) != tried.refused.end();
      });
      if (!tried.refused.empty())
        --n; // as often as there are writes to refuse
      continue;
    case ended::careful: careful = true; continue;
    case ended::retry: continue;
    case ended::lost: disconnect(); continue;
    case ended::other: return fail(ec::write_failed, tried.why);
    case ended::data: {
      if (todo.size() == 1) {
        spdlog::warn("the database refused a write: {} request_id={}", tried.why,
                     writes[todo[0]]->request_id);
        result.decisions[todo[0]].answer.refused = refusal::invalid;
        return;
      }
      return halve(todo, writes, result);
    }
    }
  }
  if (!todo.empty())
    fail(ec::write_failed, "given up after several attempts");
}

/// One of them spoils the rest: halves them until it is alone. What an incarnation sent after a
/// write of its own that failed was decided on wrong memory, and is not tried.
void committer::halve(const std::vector<size_t>& todo, std::span<const write* const> writes,
                      batch_result& result) {
  auto middle = todo.begin() + static_cast<std::ptrdiff_t>(todo.size() / 2);
  std::vector<size_t> rest{middle, todo.end()};
  decide({todo.begin(), middle}, writes, result);
  std::set<std::tuple<domain::domain_id, uint32_t, uint64_t>> failed;
  auto life = [&](size_t i) {
    auto& by = writes[i]->by;
    return std::tuple{by.domain, by.shard, by.number};
  };
  for (auto i = todo.begin(); i != middle; ++i)
    if (result.decisions[*i].error != ec::none)
      failed.insert(life(*i));
  std::erase_if(rest, [&](size_t i) {
    if (!failed.contains(life(i)))
      return false;
    result.decisions[i].error = ec::stale_incarnation;
    return true;
  });
  decide(std::move(rest), writes, result);
}

committer::attempt_result committer::attempt(const std::vector<size_t>& todo,
                                             std::span<const write* const> writes, bool careful,
                                             bool first) {
  attempt_result r;
  bool sent_commit = false;
  connection::guard g{connection_}; // over the rollback too
  try {
    at(step::before_begin);
    transaction t{*statements_, options_.node, batch_ + 1, writes, todo};
    // Later on step by step: whether it still owns what it writes comes before what may be locked.
    if (careful || !first || !t.begin_together())
      connection_.begin();
    r.how = t.write_all(careful, prepared_);
    at(step::in_transaction);
    if (r.how == ended::committed) {
      r.here = std::move(t.result); // before COMMIT: its answer may be lost, and yet it happened
      at(step::before_commit);
      sent_commit = true;
      connection_.commit();
      ++batch_;
      at(step::after_commit);
    } else {
      connection_.rollback();
      t.read_kept_answers();
      r.here = std::move(t.result);
      r.refused = std::move(t.refused);
    }
  } catch (...) {
    auto f = connection_.classify(r.why);
    if (!sent_commit)
      connection_.rollback();
    r.how = sent_commit         ? ended::unknown
            : f == fault::lost  ? ended::lost
            : f == fault::retry ? ended::retry
            : f == fault::data  ? ended::data
                                : ended::other;
    spdlog::warn("a batch of {} did not commit: {}", todo.size(), r.why);
  }
  return r;
}

/// Runs `work` in a transaction of its own, again after a passing fault.
template <class Work>
ec committer::once(Work&& work, int attempts) {
  std::string why;
  for (int n = 0; n < attempts; ++n) {
    if (!connect())
      return ec::database_unavailable;
    connection::guard g{connection_};
    try {
      connection_.begin();
      work();
      connection_.commit();
      return ec::none;
    } catch (...) {
      if (connection_.classify(why) == fault::lost)
        disconnect();
      else
        connection_.rollback();
    }
  }
  spdlog::error("a fence or a block of ids failed: {}", why);
  return ec::database_unavailable;
}

ec committer::fence(std::span<const actors::fence> fences, std::vector<fenced>& answers) {
  // `once` may run this twice if a COMMIT's answer is lost: then a number and a block are skipped.
  return once([&] {
    std::map<std::pair<int, uint32_t>, fenced> found;
    std::set<std::pair<int, uint32_t>> wanted;
    for (auto& x : fences)
      wanted.emplace(static_cast<int>(x.domain), x.shard);
    std::vector<owner> owners;
    for (auto& [d, s] : wanted)
      owners.push_back({static_cast<domain::domain_id>(d), s, 0});
    statements_->fence.param(0) = options_.node;
    statements_->fence.param(1) = owners_text(connection_.kind(), owners);
    statements_->fence.run([&](long long d, long long s, long long number, long long epoch) {
      auto& f = found[{static_cast<int>(d), static_cast<uint32_t>(s)}];
      f.self = {static_cast<domain::domain_id>(d), static_cast<uint32_t>(s),
                static_cast<uint64_t>(number), static_cast<uint64_t>(epoch)};
    });
    owners.clear();
    for (auto& [key, f] : found)
      owners.push_back({f.self.domain, f.self.shard, f.self.epoch});
    statements_->take_ids.param(0) = std::to_string(ids_in_block);
    statements_->take_ids.param(1) = owners_text(connection_.kind(), owners);
    statements_->take_ids.run([&](long long d, long long s, long long next) {
      found[{static_cast<int>(d), static_cast<uint32_t>(s)}].ids = {next - ids_in_block,
                                                                    ids_in_block};
    });
    answers.clear();
    for (auto& x : fences)
      answers.push_back(found[{static_cast<int>(x.domain), x.shard}]);
  });
}

ec committer::take_ids(std::span<const incarnation> wanted, std::vector<id_block>& blocks) {
  std::vector<owner> owners;
  for (auto& by : wanted)
    owners.push_back({by.domain, by.shard, by.epoch});
  std::sort(owners.begin(), owners.end());
  std::map<std::pair<int, uint32_t>, id_block> found;
  auto code = once(
    [&] {
      found.clear();
      statements_->take_ids.param(0) = std::to_string(ids_in_block);
      statements_->take_ids.param(1) = owners_text(connection_.kind(), owners);
      statements_->take_ids.run([&](long long d, long long s, long long next) {
        found[{static_cast<int>(d), static_cast<uint32_t>(s)}] = {next - ids_in_block,
                                                                  ids_in_block};
      });
    },
    2); // whoever wants ids asks again, and others wait behind each attempt
  blocks.clear();
  for (auto& by : wanted)
    blocks.push_back(found[{static_cast<int>(by.domain), by.shard}]);
  return code;
}

ec committer::save_position(const save_log_position& x) {
  return once([&] {
    statements_->save_position.param(0) = x.consumer;
    statements_->save_position.param(1) = std::to_string(x.position.transaction);
    statements_->save_position.param(2) = std::to_string(x.position.id);
    statements_->save_position.run();
  });
}

bool committer::delete_old_answers() {
  size_t deleted = 0;
  auto keep = std::chrono::duration_cast<std::chrono::milliseconds>(options_.keep_answers).count();
  auto done = once([&] {
    statements_->delete_answers.param(0) = std::to_string(now_ms() - keep);
    deleted = statements_->delete_answers.run();
    statements_->delete_revocations.param(0) =
      std::to_string(now_ms() - options_.keep_revocations.count());
    deleted += statements_->delete_revocations.run();
  });
  return done == ec::none && deleted > 0;
}

} // namespace souk::persistence
