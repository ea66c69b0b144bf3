// What the writer does besides writes: fences, blocks of ids, positions in the event log, sweeps.
#include "persistence/writer_state.hpp"

#include <set>
#include <stdexcept>

namespace souk::persistence {

using namespace actors;

namespace {

constexpr auto sweep_interval = std::chrono::minutes{10};

template <class Answer>
void deliver(const promised<Answer>& to, ec code, const Answer& answer) {
  if (code == ec::none)
    to.deliver(answer);
  else
    to.fail(code);
}

} // namespace

void writer_state::run_fences() {
  auto wanted = std::make_shared<std::vector<fence>>();
  while (!queue.empty() && std::holds_alternative<asked_fence>(queue.front())) {
    fences.push_back(std::move(std::get<asked_fence>(queue.front())));
    wanted->push_back(fences.back().command);
    queue.pop_front();
  }
  auto answers = std::make_shared<std::vector<fenced>>();
  auto code = std::make_shared<ec>(ec::none);
  run([=, this] { *code = db->fence(*wanted, *answers); },
      [=, this] { finish_fences(*code, *answers); });
}

void writer_state::finish_fences(ec code, const std::vector<fenced>& answers) {
  bool displaced = false;
  for (size_t i = 0; i < fences.size(); ++i) {
    if (code != ec::none) {
      fences[i].promise.fail(code);
    } else if (answers[i].self.number == 0) {
      displaced = true;
      fences[i].promise.fail(ec::not_owner);
    } else {
      alive[{answers[i].self.domain, answers[i].self.shard}] = answers[i].self.number;
      fences[i].promise.deliver(answers[i]);
    }
  }
  fences.clear();
  // Nothing that this process knows is true any more: it ends, by way of its supervisors.
  if (displaced)
    throw std::runtime_error("another server has taken this database over");
}

/// All that are wanted, in one transaction; of two for a shard the second has its turn after it.
void writer_state::run_ids() {
  auto asks = std::make_shared<std::vector<asked_ids>>();
  std::vector<incarnation> wanted;
  std::set<shard_key> seen;
  for (auto& ask : std::exchange(ids, {})) {
    const auto& by = ask.command.by;
    if (auto bad = check(by); bad != ec::none) {
      ask.promise.fail(bad);
    } else if (!seen.emplace(by.domain, by.shard).second) {
      ids.push_back(std::move(ask));
    } else {
      wanted.push_back(by);
      asks->push_back(std::move(ask));
    }
  }
  if (wanted.empty())
    return;
  auto code = std::make_shared<ec>(ec::none);
  auto blocks = std::make_shared<std::vector<id_block>>();
  run([=, this] { *code = db->take_ids(wanted, *blocks); },
      [=] {
        for (size_t i = 0; i < asks->size(); ++i) {
          const auto block = *code == ec::none ? (*blocks)[i] : id_block{};
          deliver((*asks)[i].promise, *code == ec::none && block.count == 0 ? ec::not_owner : *code,
                  block);
        }
      });
}

void writer_state::run_position() {
  auto ask = std::make_shared<asked_position>(std::move(std::get<asked_position>(queue.front())));
  queue.pop_front();
  auto code = std::make_shared<ec>(ec::none);
  run([=, this] { *code = db->save_position(ask->command); },
      [=] { deliver(ask->promise, *code, true); });
}

void writer_state::run_sweep() {
  queue.pop_front();
  auto more = std::make_shared<bool>(false);
  run([=, this] { *more = db->delete_old_answers(); },
      [=, this] {
        self->delayed_send(self, *more ? std::chrono::seconds{1} : sweep_interval,
                           caf::tick_atom_v);
      });
}

} // namespace souk::persistence
