// The request forms of existing shops, in front of the REST API.
#pragma once

#include "http/server/exchange.hpp"

#include <memory>

namespace souk::http::aliases {

/// What the settings say of the forms.
struct rules {
  bool open_catalog = false;     ///< `POST /products` and `POST /stock` need no ADMIN
  bool external_catalog = false; ///< products may come from an external catalog
};

/// An application that turns the forms into canonical requests to `inner`, and their answers back.
/// Everything else passes untouched, but for a prefix that is dropped. For the same io thread as
/// `inner`; whoever still waits when it is destroyed gets what `inner` answers at its end.
std::unique_ptr<application> with_aliases(std::unique_ptr<application> inner, rules how);

} // namespace souk::http::aliases
