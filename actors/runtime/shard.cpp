#include "actors/runtime/shard.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <exception>

namespace souk::actors {

namespace {

caf::exit_reason log_exception(domain::domain_id domain, uint32_t shard, std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const std::exception& e) {
    spdlog::error("{} shard {} crashed: {}", to_string(domain), shard, e.what());
  } catch (...) {
    spdlog::error("{} shard {} crashed", to_string(domain), shard);
  }
  return caf::exit_reason::unhandled_exception;
}

} // namespace

void shard_base::start(shard_config c, router<writer_actor> writer) {
  config = std::move(c);
  writer_ = std::move(writer);
  self->set_exception_handler([this](caf::scheduled_actor*, std::exception_ptr& why) {
    return log_exception(domain_, config.shard, why);
  });
  ask_fence();
}

void shard_base::on_tick() {
  if (!ready_ && !asking_)
    ask_fence();
}

void shard_base::ask_fence() {
  asking_ = true;
  ask<fenced>(
    writer_.at(0), write_timeout(config), fence{domain_, config.shard},
    [this](const fenced& f) {
      asking_ = false;
      incarnation_ = f.self;
      next_ = f.ids.first;
      end_ = f.ids.first + f.ids.count;
      reserve_ = {};
      ready_ = true;
      refused_ = 0;
      away_ = false;
      on_ready();
      for (auto work = std::exchange(waiting_, {}); auto& w : work)
        w.run();
    },
    [this](const caf::error& why) {
      asking_ = false;
      if (refused_++ == 0)
        spdlog::warn("{} shard {} waits for the database: {}", to_string(domain_), config.shard,
                     to_string(code_of(why)));
      away_ = code_of(why) == ec::database_unavailable; // else the writer itself only starts anew
      if (away_)
        for (auto work = std::exchange(waiting_, {}); auto& w : work)
          w.fail();
      send_later(self, std::chrono::milliseconds{100} * std::min(refused_, 10), caf::tick_atom_v);
    });
}

void shard_base::reset(uint64_t number) {
  if (!ready_ || number != incarnation_.number)
    return;
  spdlog::warn("{} shard {} begins anew: a write failed, or nobody knows it any more",
               to_string(domain_), config.shard);
  ready_ = false;
  incarnation_.number = 0; // nobody's: what is under way here still was decided on wrong memory
  forget();
  ask_fence();
}

void shard_base::take_ids() {
  if (std::exchange(taking_, true))
    return;
  ask<id_block>(
    writer_.at(0), write_timeout(config), actors::take_ids{incarnation_},
    [this](const id_block& b) {
      taking_ = false;
      // What is left of the old block is used up first, so that ids keep growing.
      reserve_ = b;
      if (next_ >= end_)
        use(std::exchange(reserve_, {}));
      for (auto work = std::exchange(for_ids_, {}); auto& w : work) {
        if (next_ < end_)
          w.run();
        else
          w.fail(ec::overloaded);
      }
    },
    [this, number = incarnation_.number](const caf::error& why) {
      taking_ = false;
      // A writer that was restarted knows nobody. A write would tell, but none may come: without
      // ids there are none.
      if (auto code = code_of(why); code == ec::stale_incarnation || code == ec::not_owner)
        reset(number);
      for (auto work = std::exchange(for_ids_, {}); auto& w : work)
        w.fail(code_of(why) == ec::outcome_unknown ? ec::overloaded : code_of(why));
    });
}

void shard_base::use(const id_block& b) {
  next_ = b.first;
  end_ = b.first + b.count;
}

} // namespace souk::actors
