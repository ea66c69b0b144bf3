// Drives a notifier on the deterministic scheduler and reads what it logs.
#include "actors/notifier/actor.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// What is logged goes to a text while this lives.
struct read_log {
  read_log() : before{spdlog::default_logger()} {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text);
    sink->set_pattern("%v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  ~read_log() { spdlog::set_default_logger(before); }
  read_log(const read_log&) = delete;
  read_log& operator=(const read_log&) = delete;

  std::string taken() {
    auto out = text.str();
    text.str({});
    return out;
  }

  std::ostringstream text;
  std::shared_ptr<spdlog::logger> before;
};

event committed(int64_t id, std::string kind, std::string subject) {
  event x;
  x.id = id;
  x.kind = std::move(kind);
  x.subject = std::move(subject);
  x.request_id = "r" + std::to_string(id);
  return x;
}

} // namespace

TEST_CASE_METHOD(actor_fixture, "a notifier logs each event, in order and with its request's id") {
  read_log log;
  spdlog::set_level(spdlog::level::info);
  auto notifier = keep(sys.spawn(notifier_behavior));
  tell(notifier,
       events_committed{{committed(7, "order_placed", "64"), committed(8, "stock_sold", "3")}});
  CHECK(log.taken()
        == "event 7 order_placed 64 request_id=r7\nevent 8 stock_sold 3 request_id=r8\n");
  spdlog::set_level(spdlog::level::warn);
  tell(notifier, events_committed{{committed(9, "order_placed", "128")}});
  CHECK(log.taken().empty());
}
