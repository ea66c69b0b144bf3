// Products of the external catalog, which become products of this shop when someone asks for them.
#pragma once

#include "http/routes/request_context.hpp"

#include <string>

namespace souk::http {

/// Answers with the product of that external id, as a list of none or one. One that is not known
/// here is asked for in the external catalog and kept, without stock control: its count is as large
/// as a count can be until someone sets it, which makes it a product of the shop's own. Before, it
/// is asked for again when what is known is older than `backend::external_ttl`: none if it is gone
/// there, the one that is known while the catalog does not answer. 503 for what is not kept then.
void answer_fetched(const context_ptr& ctx, const std::string& external_id);

} // namespace souk::http
