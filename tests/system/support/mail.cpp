#include "tests/system/support/mail.hpp"

#include <algorithm>
#include <fstream>

namespace souk::tests {

namespace {

bool next_line(std::istream& in, std::string& line) {
  if (!std::getline(in, line))
    return false;
  if (line.ends_with('\r'))
    line.pop_back();
  return true;
}

mail read_mail(const std::filesystem::path& file) {
  std::ifstream in{file};
  mail result;
  std::string line;
  while (next_line(in, line) && !line.empty()) {
    const auto colon = line.find(':');
    if (colon != std::string::npos && line[0] != ' ')
      result.headers.emplace_back(line.substr(0, colon),
                                  line.substr(std::min(colon + 2, line.size())));
    else if (!result.headers.empty())
      result.headers.back().second += line; // a folded line
  }
  while (next_line(in, line))
    result.body += line + "\n";
  return result;
}

} // namespace

std::string mail::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

std::string mail::token() const {
  const std::string mark = "\nToken: ";
  const auto text = "\n" + body;
  const auto begin = text.find(mark);
  if (begin == std::string::npos)
    return {};
  const auto start = begin + mark.size();
  return text.substr(start, text.find('\n', start) - start);
}

std::vector<mail> mails_in(const std::filesystem::path& data_dir) {
  std::vector<std::filesystem::path> files;
  std::error_code missing; // no mail was written yet
  for (const auto& entry : std::filesystem::directory_iterator{data_dir / "mail", missing})
    if (entry.path().extension() == ".eml")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end()); // their names begin with the time
  std::vector<mail> result;
  for (const auto& file : files)
    result.push_back(read_mail(file));
  return result;
}

std::string mailed_token(const std::filesystem::path& data_dir, const std::string& address) {
  std::string result;
  eventually(10s, [&] {
    for (const auto& message : mails_in(data_dir))
      if (message.header("To").find(address) != std::string::npos)
        result = message.token();
    return !result.empty();
  });
  return result;
}

} // namespace souk::tests
