// An ordinary CAF actor whose handlers run on an io_context.
#pragma once

#include "actors/runtime/patience.hpp"

#include <boost/asio/io_context.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace souk::http {

/// Set once the actor has ended, for those who wait for that.
using ended_flag = std::shared_ptr<std::atomic<bool>>;

/// Only redirects delivery, so that `request` with its time-outs and errors works on an io thread
/// without a hop to answer. Runs on the context's one thread; touch it on that thread only. It ends
/// when it is sent an exit message and the context still runs to deliver it.
class asio_actor : public caf::event_based_actor {
public:
  asio_actor(caf::actor_config& cfg, boost::asio::io_context& io, ended_flag ended);

  /// Runs on the sender's thread: posts to the context, which must live as long as anyone sends.
  /// Answers come in bursts, a batch at a time: those that meet before delivery share one post.
  void enqueue(caf::mailbox_element_ptr ptr, caf::execution_unit*) override;
  using caf::event_based_actor::enqueue;

  /// Never goes to CAF's scheduler.
  void launch(caf::execution_unit*, bool lazy, bool hide) override;

  /// For requests, on the io thread.
  actors::patience& open_requests() { return patience_; }

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "http"; }

private:
  void deliver();

  boost::asio::io_context::executor_type executor_;
  std::mutex mutex_;
  std::vector<caf::mailbox_element_ptr> inbox_; ///< not delivered yet; one post is under way then
  actors::patience patience_;
  caf::scoped_execution_unit unit_;
  ended_flag ended_;
};

/// Owns an io thread's asio_actor and ends it. Order at the end: destroy this, run the context
/// until `ended()`, destroy the actor system (which waits for the actor), then the context.
class gateway {
public:
  gateway(caf::actor_system& system, boost::asio::io_context& io);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// For requests, on the io thread.
  asio_actor& self() { return *self_; }

  /// Becomes true when the actor is gone; the flag may be kept beyond the gateway.
  ended_flag ended() const { return ended_; }

private:
  ended_flag ended_;
  caf::actor handle_;
  asio_actor* self_;
};

} // namespace souk::http
