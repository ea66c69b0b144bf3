#include "http/server/server.hpp"

#include "http/server/listener.hpp"
#include "http/server/worker.hpp"

#include <algorithm>
#include <utility>

namespace souk::http {

struct server::impl {
  impl(options what, application_factory f) : settings{std::move(what)}, make{std::move(f)} {}

  const options settings;
  const application_factory make;
  connection_count count;
  std::vector<std::unique_ptr<worker>> workers;
  std::unique_ptr<listener> doors; ///< its sockets belong to the first worker's context
};

server::server(options what, application_factory make)
  : impl_{std::make_unique<impl>(std::move(what), std::move(make))} {}

server::~server() {
  stop();
}

void server::start() {
  auto& x = *impl_;
  try {
    for (unsigned i = 0; i < std::max(1u, x.settings.threads); ++i)
      x.workers.push_back(std::make_unique<worker>(i, x.settings, x.count));
    x.doors = std::make_unique<listener>(x.workers, x.settings, x.count);
    for (auto& w : x.workers)
      w->start(x.make);
  } catch (...) {
    stop();
    throw;
  }
  x.doors->start();
}

std::vector<uint16_t> server::ports() const {
  return impl_->doors ? impl_->doors->ports() : std::vector<uint16_t>{};
}

uint32_t server::connections() const {
  return impl_->count.open();
}

uint32_t server::streams() const {
  return impl_->count.streams();
}

void server::stop_accepting() {
  if (impl_->doors)
    impl_->doors->stop();
}

bool server::drain(std::chrono::steady_clock::time_point deadline) {
  for (auto& w : impl_->workers)
    w->drain();
  return impl_->count.wait_until_finished(deadline);
}

void server::stop() {
  stop_accepting();
  for (auto& w : impl_->workers)
    w->stop();
  for (auto& w : impl_->workers)
    w->join();
}

} // namespace souk::http
