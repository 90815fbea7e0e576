#include "platform/console/assets.h"

#include <algorithm>
#include <string>

#include "core/base/text.h"

namespace millrace::console {
namespace {

constexpr std::string_view kPrefix = "/console/";
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

http::Response text(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

bool accepts_gzip(const http::Headers& headers) {
  for (const std::string_view coding : split(headers.find("Accept-Encoding").value_or(""), ',')) {
    const std::string_view name = trim(coding.substr(0, coding.find(';')));
    if (!equal_ignoring_case(name, "gzip")) continue;
    const std::size_t quality = coding.find("q=");
    return quality == std::string_view::npos ||
           parse_double(trim(coding.substr(quality + 2))).value_or(0) > 0;
  }
  return false;
}

bool has_extension(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

}  // namespace

const Asset* Assets::find(std::string_view path) const {
  const auto found = std::lower_bound(
      files_.begin(), files_.end(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != files_.end() && found->path == path ? &*found : nullptr;
}

http::Response Assets::answer(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = text(405, "The console's files are read with GET.\n");
    response.headers.add("Allow", "GET, HEAD");
    return response;
  }
  if (!request.path.starts_with(kPrefix)) {
    http::Response response = text(302, "");
    response.headers.add("Location", std::string(kPrefix));
    return response;
  }
  if (files_.empty()) {
    return text(404,
                "This millrace was built without its web console (MILLRACE_CONSOLE=OFF). Build it "
                "with -DMILLRACE_CONSOLE=ON; scripts/setup installs what that needs.\n");
  }
  const std::string path =
      uri_decode(std::string_view(request.path).substr(kPrefix.size())).value_or("?");
  const Asset* asset = find(path);
  if (asset == nullptr && !has_extension(path)) asset = find("index.html");
  if (asset == nullptr) return text(404, "The console has no such file.\n");

  http::Response response;
  response.headers.add("Content-Type", std::string(asset->type));
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("ETag", std::string(asset->etag));
  response.headers.add("Cache-Control",
                       asset->lasting ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("Vary", "Accept-Encoding");
  if (request.headers.find("If-None-Match") == asset->etag) {
    response.status = 304;
    return response;
  }
  const bool packed = !asset->gzip.empty() && accepts_gzip(request.headers);
  if (packed) response.headers.add("Content-Encoding", "gzip");
  response.body = std::string(packed ? asset->gzip : asset->body);
  return response;
}

}  // namespace millrace::console
