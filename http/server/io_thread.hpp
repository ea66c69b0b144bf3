// What an application may know of the io thread that it lives on.
#pragma once

#include <boost/asio/io_context.hpp>

namespace souk::http {

/// One io thread: an io_context that exactly one std::thread runs, so its handlers need no strand.
///
/// Life: the application is made on this thread, then requests come; `server::stop` destroys it on
/// this thread and goes on running the context until nothing is left to do. Whoever needs more time
/// than that (an actor that ends asynchronously) holds a work guard until it is done. The context
/// itself lives until the server is destroyed.
class io_thread {
public:
  virtual boost::asio::io_context& context() = 0;

  /// 0 to threads - 1.
  virtual unsigned index() const = 0;

protected:
  ~io_thread() = default;
};

} // namespace souk::http
