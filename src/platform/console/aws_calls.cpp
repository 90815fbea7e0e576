#include "platform/console/aws_calls.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "platform/console/call.h"

namespace millrace::console {
namespace {

constexpr std::array<std::string_view, 8> kServices{
    "sagemaker", "runtime.sagemaker", "s3", "logs", "monitoring", "sts", "iam", "millrace"};

/// What the signing name is; the runtime's host has another name.
std::string signing_name(std::string_view service) {
  return service == "runtime.sagemaker" ? "sagemaker" : std::string(service);
}

/// Types that a browser shows without running anything. SVG is a document with scripts.
bool is_shown(std::string_view type) {
  const std::string media = to_lower(trim(type.substr(0, type.find(';'))));
  if (media == "image/svg+xml") return false;
  return media.starts_with("image/") || media == "text/plain" || media == "application/json";
}

}  // namespace

void contain(http::Response& response) {
  response.headers.set("Content-Security-Policy", "sandbox");
  response.headers.set("X-Content-Type-Options", "nosniff");
  const auto disposition = response.headers.find("Content-Disposition");
  const bool attached = disposition && disposition->starts_with("attachment");
  if (!attached && !is_shown(response.headers.find("Content-Type").value_or("")))
    response.headers.set("Content-Disposition", "attachment");
}

http::Response AwsCalls::answer(http::Request& request, const aws::Caller& caller) const {
  const std::string_view path =
      std::string_view(request.path).substr(std::string_view(kPrefix).size());
  const std::string service(path.substr(0, path.find('/')));
  if (std::find(kServices.begin(), kServices.end(), service) == kServices.end())
    return refusal(404, "ResourceNotFoundException",
                   "The console passes no calls on to this service.");
  // Forms may stand in a query, and a GET needs no token: any page could make a browser send one.
  if (service != "s3" && request.method != "POST")
    return refusal(405, "MethodNotAllowed", "Calls of this service are made with POST.");
  std::string rest(path.substr(service.size()));
  if (rest.empty()) rest += '/';
  request.path = std::move(rest);
  http::Response response =
      dispatch_.handle(request, {.service = signing_name(service), .caller = caller});
  contain(response);
  if (!response.headers.find("Cache-Control")) response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace millrace::console
