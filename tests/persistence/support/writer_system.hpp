// A writer actor on a real actor system, asked from the test's thread.
#pragma once

#include "actors/node/shop.hpp"
#include "persistence/persistence.hpp"
#include "tests/persistence/support/writes.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace souk::tests {

/// What became of a question: an answer, or an error other than none.
template <class Answer>
struct outcome {
  actors::ec error = actors::ec::none;
  Answer answer;
};

/// Ends its writer and itself when it dies.
class writer_system {
public:
  explicit writer_system(const persistence::options& o, persistence::listeners l = {})
    : config_{2},
      system_{config_},
      self_{system_},
      writer_{persistence::spawn_writer(system_, o, std::move(l))} {}
  writer_system(const writer_system&) = delete;
  writer_system& operator=(const writer_system&) = delete;
  ~writer_system() { caf::anon_send_exit(writer_, caf::exit_reason::user_shutdown); }

  caf::actor_system& system() { return system_; }
  const actors::writer_actor& writer() const { return writer_; }

  /// Sends a command without waiting; `receive` takes the result.
  template <class Command>
  auto send(Command command) {
    return self_->request(writer_, std::chrono::seconds{60}, std::move(command));
  }

  /// Sends so many orders 5, 9, 13, ..., each of one unit of product 1.
  auto send_orders(int64_t n, actors::incarnation by) {
    std::vector<decltype(send(actors::write{}))> sent;
    for (int64_t i = 1; i <= n; ++i)
      sent.push_back(send(place(i * 4 + 1, {{1, 1}}, by)));
    return sent;
  }

  template <class Answer, class Pending>
  static outcome<Answer> receive(Pending&& sent) {
    outcome<Answer> result;
    sent.receive([&](Answer& a) { result.answer = std::move(a); },
                 [&](caf::error& why) { result.error = actors::code_of(why); });
    return result;
  }

  outcome<actors::written> ask(actors::write w) {
    return receive<actors::written>(send(std::move(w)));
  }
  outcome<actors::fenced> ask(actors::fence f) { return receive<actors::fenced>(send(f)); }
  outcome<actors::id_block> ask(actors::take_ids t) { return receive<actors::id_block>(send(t)); }

private:
  actors::system_config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
  actors::writer_actor writer_;
};

} // namespace souk::tests
