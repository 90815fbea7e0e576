#include "platform/console/assets.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace millrace::console {
namespace {

constexpr std::array<Asset, 3> kFiles{{
    {.path = "assets/index-B3fT_x1y.js",
     .type = "text/javascript; charset=utf-8",
     .body = "script",
     .gzip = "packed",
     .etag = "\"s\"",
     .lasting = true},
    {.path = "favicon.svg", .type = "image/svg+xml", .body = "<svg/>", .gzip = "", .etag = "\"f\""},
    {.path = "index.html",
     .type = "text/html; charset=utf-8",
     .body = "page",
     .gzip = "",
     .etag = "\"i\""},
}};

http::Response get(const std::string& path, std::string_view encoding = {},
                   std::string_view etag = {}) {
  http::Request request{.method = "GET", .path = path};
  if (!encoding.empty()) request.headers.add("Accept-Encoding", std::string(encoding));
  if (!etag.empty()) request.headers.add("If-None-Match", std::string(etag));
  return Assets(kFiles).answer(request);
}

std::string header(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or("<none>"));
}
std::string body(const http::Response& response) {
  return std::get<std::string>(response.body);
}

TEST(Assets, HashedFilesLastAndThePageIsAskedForEachTime) {
  EXPECT_EQ(header(get("/console/assets/index-B3fT_x1y.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
  const http::Response page = get("/console/");
  EXPECT_EQ(body(page), "page");
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(page, "Content-Security-Policy"),
            "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(page, "Referrer-Policy"), "no-referrer");
}

TEST(Assets, PackedFilesGoToThoseWhoTakeThem) {
  const std::string script = "/console/assets/index-B3fT_x1y.js";
  EXPECT_EQ(body(get(script)), "script");
  EXPECT_EQ(body(get(script, "br, gzip;q=0")), "script");
  const http::Response packed = get(script, "br, gzip;q=0.5");
  EXPECT_EQ(body(packed), "packed");
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(body(get("/console/favicon.svg", "gzip")), "<svg/>");
}

TEST(Assets, PathsOfTheApplicationAnswerItsPageAndMissingFilesNone) {
  EXPECT_EQ(body(get("/console/training/jobs/a-job")), "page");
  EXPECT_EQ(get("/console/assets/index-gone.js").status, 404);
  EXPECT_EQ(get("/console/../../etc/passwd.txt").status, 404);
  EXPECT_EQ(get("/console").status, 302);
  EXPECT_EQ(get("/console/index.html", "", "\"i\"").status, 304);
}

TEST(Assets, WithoutFilesSayHowToBuildThem) {
  http::Request request{.method = "GET", .path = "/console/"};
  const http::Response response = Assets({}).answer(request);
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(body(response).find("MILLRACE_CONSOLE"), std::string::npos);
}

}  // namespace
}  // namespace millrace::console
