#include "platform/proxy/served_hosts.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.h"

namespace millrace::proxy {
namespace {

using Labels = std::vector<std::string_view>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

/// "us-east-1", "us-gov-west-1": words and a digit.
bool is_region(std::string_view text) {
  const Labels parts = split(text, '-');
  const auto is_word = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), is_small);
  };
  return parts.size() >= 3 && std::all_of(parts.begin(), parts.end() - 1, is_word) &&
         parts.back().size() == 1 && is_digit(parts.back().front());
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), is_digit);
}

/// "op-" and 17 hexadecimal digits.
bool is_outpost(std::string_view text) {
  constexpr std::size_t kDigits = 17;
  if (!text.starts_with("op-") || text.size() != 3 + kDigits) return false;
  text.remove_prefix(3);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

/// What a bucket, an access point or an alias may look like as part of a host name.
bool is_bucket(const Labels& labels) {
  return !labels.empty() && std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return is_digit(c) || is_small(c) || c == '-' || c == '_'; });
  });
}

/// The labels before the domain of a partition of AWS; nullopt for other hosts.
std::optional<Labels> labels_before_domain(std::string_view host) {
  for (const std::string_view domain : {".amazonaws.com", ".amazonaws.com.cn"}) {
    if (host.ends_with(domain)) return split(host.substr(0, host.size() - domain.size()), '.');
  }
  return std::nullopt;
}

/// "s3", "s3.us-east-1", "s3-us-east-1", "s3.dualstack.us-east-1", each behind a bucket or alone.
bool is_s3(const Labels& labels) {
  for (std::size_t at = 0; at < labels.size(); ++at) {
    const Labels rest(labels.begin() + static_cast<std::ptrdiff_t>(at), labels.end());
    const bool own =
        (rest.size() == 1 && rest[0] == "s3") ||
        (rest.size() == 2 && rest[0] == "s3" && is_region(rest[1])) ||
        (rest.size() == 1 && rest[0].starts_with("s3-") && is_region(rest[0].substr(3))) ||
        (rest.size() == 3 && rest[0] == "s3" && rest[1] == "dualstack" && is_region(rest[2]));
    if (own &&
        (at == 0 || is_bucket({labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(at)})))
      return true;
  }
  return false;
}

/// "s3-outposts.<region>", and behind an access point or alias and its outpost.
bool is_s3_outposts(const Labels& labels) {
  const std::size_t size = labels.size();
  if (size < 2 || labels[size - 2] != "s3-outposts" || !is_region(labels[size - 1])) return false;
  return size == 2 || (size == 4 && is_bucket({labels[0]}) && is_outpost(labels[1]));
}

/// "s3-control.<region>", also behind an account.
bool is_s3_control(const Labels& labels) {
  const std::size_t size = labels.size();
  if (size < 2 || labels[size - 2] != "s3-control" || !is_region(labels[size - 1])) return false;
  return size == 2 || (size == 3 && is_account(labels[0]));
}

/// The services with one host for each region, and those with one for all.
bool is_service(const Labels& labels) {
  constexpr std::array<std::string_view, 8> kRegional{"sts",
                                                      "iam",
                                                      "logs",
                                                      "monitoring",
                                                      "api.sagemaker",
                                                      "runtime.sagemaker",
                                                      "metrics.sagemaker",
                                                      "api.ecr"};
  if (labels.size() == 1) return labels[0] == "sts" || labels[0] == "iam";
  if (!is_region(labels.back())) return false;
  std::string name(labels[0]);
  for (std::size_t i = 1; i + 1 < labels.size(); ++i) name.append(".").append(labels[i]);
  return std::find(kRegional.begin(), kRegional.end(), name) != kRegional.end();
}

bool is_registry(const Labels& labels) {
  return labels.size() == 4 && is_account(labels[0]) && labels[1] == "dkr" && labels[2] == "ecr" &&
         is_region(labels[3]);
}

}  // namespace

std::optional<std::string> refusal_of(std::string_view host) {
  const std::string name = to_lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  const std::optional<Labels> labels = labels_before_domain(name);
  if (!labels) {
    return "It is no host of AWS, and nothing else is reached from here.";
  }
  if (is_s3(*labels) || is_s3_control(*labels) || is_s3_outposts(*labels) || is_service(*labels))
    return std::nullopt;
  if (is_registry(*labels)) {
    return "No image is pulled from a registry: register the program with `millrace images add`; "
           "the built-in "
           "algorithms need no image.";
  }
  return "It belongs to a service of AWS, or to a form of host name, that Millrace does not answer "
         "for.";
}

}  // namespace millrace::proxy
