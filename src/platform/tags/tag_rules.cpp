#include "platform/tags/tag_rules.h"

#include <set>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::tags {

void check_tags(const std::vector<wire::sagemaker::Tag>& tags) {
  std::set<std::string> keys;
  for (const wire::sagemaker::Tag& tag : tags) {
    if (to_lower(tag.key).starts_with("aws:")) {
      throw Error(
          Blame::Customer, "ValidationException",
          "Tag key '" + tag.key + "' begins with 'aws:', which is reserved. Choose another key.");
    }
    if (!keys.insert(tag.key).second) {
      throw Error(Blame::Customer, "ValidationException",
                  "Tag key '" + tag.key + "' is given twice.");
    }
  }
}

}  // namespace millrace::tags
