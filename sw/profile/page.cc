// The page: a template whose marks "@@name@@" are replaced by its other files and by the profile.
#include <string_view>

#include "base/error.h"
#include "profile/page_files.h"
#include "profile/profile.h"

namespace weft::profile {
namespace {

void put(std::string& page, std::string_view name, std::string_view text) {
  const std::string mark = "@@" + std::string(name) + "@@";
  const size_t at = page.find(mark);
  if (at == std::string::npos) fail(ErrorKind::kInternal, "the page has no place for {}", name);
  page.replace(at, mark.size(), text);
}

// No text in it may end the script element that holds it.
std::string inside_script(const std::string& json) {
  std::string text;
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string to_page(const Profile& profile) {
  std::string page(kPageFiles.at("page.html"));
  for (const auto& [name, text] : kPageFiles)
    if (name != "page.html") put(page, name, text);
  put(page, "profile", inside_script(to_json(profile)));
  return page;
}

}  // namespace weft::profile
