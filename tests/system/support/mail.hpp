// The mails that a server has written for delivery.
#pragma once

#include "tests/system/support/client.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace souk::tests {

struct mail {
  header_list headers;
  std::string body; ///< its lines end with '\n'

  std::string header(const std::string& name) const; ///< the first one's value; empty: none
  std::string token() const;                         ///< of the line `Token: ...`; empty: none
};

/// All of them, oldest first.
std::vector<mail> mails_in(const std::filesystem::path& data_dir);

/// The token of the newest mail to this address, waited for; empty: none came.
std::string mailed_token(const std::filesystem::path& data_dir, const std::string& address);

} // namespace souk::tests
