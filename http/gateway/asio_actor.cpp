#include "http/gateway/asio_actor.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/send.hpp>

#include <utility>

namespace souk::http {

asio_actor::asio_actor(caf::actor_config& cfg, boost::asio::io_context& io, ended_flag ended)
  : caf::event_based_actor{cfg},
    executor_{io.get_executor()},
    unit_{&home_system()},
    ended_{std::move(ended)} {
  context(&unit_); // so that requests work before the first message arrives
  set_default_handler(caf::drop);
}

namespace {

void refuse(const caf::mailbox_element& x) {
  if (x.mid.is_request()) {
    caf::detail::sync_request_bouncer bounce{caf::exit_reason::user_shutdown};
    bounce(x.sender, x.mid);
  }
}

} // namespace

void asio_actor::enqueue(caf::mailbox_element_ptr ptr, caf::execution_unit*) {
  // Late answers must not pile up in a context that nobody runs any more.
  if (ended_->load(std::memory_order_acquire))
    return refuse(*ptr);
  {
    std::lock_guard guard{mutex_};
    inbox_.push_back(std::move(ptr));
    if (inbox_.size() > 1)
      return;
  }
  boost::asio::post(executor_, [self = caf::strong_actor_ptr{ctrl()}, this] { deliver(); });
}

void asio_actor::deliver() {
  std::vector<caf::mailbox_element_ptr> all;
  {
    std::lock_guard guard{mutex_};
    all.swap(inbox_);
  }
  for (auto& x : all)
    if (activate(&unit_, *x) == activation_result::terminated)
      refuse(*x);
}

void asio_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide)
    register_at_system();
}

caf::behavior asio_actor::make_behavior() {
  // Answers to requests do not come here.
  return {[this](caf::timeout_atom) { patience_.sweep(this); }};
}

void asio_actor::on_exit() {
  caf::event_based_actor::on_exit();
  patience_.drop(); // whoever still waits is told so by the reply that is destroyed with this
  ended_->store(true, std::memory_order_release);
}

gateway::gateway(caf::actor_system& system, boost::asio::io_context& io)
  : ended_{std::make_shared<std::atomic<bool>>(false)},
    handle_{system.spawn<asio_actor>(io, ended_)},
    self_{caf::actor_cast<asio_actor*>(handle_)} {}

gateway::~gateway() {
  caf::anon_send_exit(handle_, caf::exit_reason::user_shutdown);
}

} // namespace souk::http
