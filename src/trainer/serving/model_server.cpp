#include "trainer/serving/model_server.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"
#include "core/data/negotiation.h"
#include "core/json/json.h"

namespace millrace::serving {
namespace {

/// Requests that may be in the scorer at once. Those of a slow model wait in it, each on a worker.
constexpr int kMaxInvocations = 120;
/// The others are for health checks, and for requests that are refused.
constexpr int kWorkers = kMaxInvocations + 8;

/// What a request of so many bytes becomes in memory can be twenty times as large: they take turns.
constexpr std::uint64_t kLargeBytes = 256 * 1024;

http::Response plain(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text);
  return response;
}

using Clock = std::chrono::steady_clock;

/// What an invocation may take on Amazon's side.
constexpr std::chrono::seconds kMostReceiving(60);
/// Codes of the errors of a body (core/http/socket.h): the client was too slow, or has left.
constexpr std::string_view kTimeout = "RequestTimeout";
constexpr std::string_view kGone = "IncompleteBody";

int status_of(const Error& error) {
  if (error.code() == kTimeout) return 408;
  if (error.code() == kUnsupportedMediaType) return 415;
  if (error.code() == kNotAcceptable) return 406;
  return error.blame() == Blame::Customer ? 400 : 500;
}

/// A body that may be too long or take too long, since nobody has said how long it is. Without a
/// limit of bytes there is none of time.
class LimitedBody final : public ByteSource {
 public:
  LimitedBody(ByteSource& body, std::optional<std::uint64_t> most)
      : body_(body), most_(most), due_(Clock::now() + kMostReceiving) {}

  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = body_.read(buffer);
    read_ += got;
    if (is_too_long()) throw Error(Blame::Customer, "the body is too long");
    if (most_ && got > 0 && Clock::now() > due_) {
      throw Error(Blame::Customer, std::string(kTimeout),
                  "The body was not there after " + std::to_string(kMostReceiving.count()) + " s.");
    }
    return got;
  }

  [[nodiscard]] bool is_too_long() const { return most_ && read_ > *most_; }

 private:
  ByteSource& body_;
  const std::optional<std::uint64_t> most_;
  const Clock::time_point due_;
  std::uint64_t read_ = 0;
};

/// Collects into a response.
class AnswerText final : public ByteSink {
 public:
  explicit AnswerText(std::string& text) : text_(text) {}
  void write(std::span<const char> bytes) override { text_.append(bytes.data(), bytes.size()); }

 private:
  std::string& text_;
};

/// Counts for as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<int>& count) : count_(count), now_(++count) {}
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }
  [[nodiscard]] int now() const { return now_; }

 private:
  std::atomic<int>& count_;
  const int now_;
};

http::ServerOptions server_options(const Settings& settings) {
  http::ServerOptions options;
  options.address = settings.address;
  options.port = settings.port;
  options.workers = kWorkers;
  options.whole_body_bytes = settings.max_payload_bytes.value_or(0);
  return options;
}

}  // namespace

ModelServer::ModelServer(Scorer& scorer, const Settings& settings, Log& log)
    : scorer_(scorer), settings_(settings), log_(log), large_requests_(available_cpus()) {
  scorer_.serve({.batch_delay = settings.batch_delay});
  server_ = std::make_unique<http::Server>(
      server_options(settings_), [this](http::Request& request) { return respond(request); });
}

ModelServer::~ModelServer() = default;

http::Response ModelServer::respond(http::Request& request) {
  struct Route {
    std::string_view path, method;
  };
  constexpr std::array<Route, 3> kRoutes{
      {{"/invocations", "POST"}, {"/ping", "GET"}, {"/execution-parameters", "GET"}}};
  const auto* const route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& known) {
    return known.path == request.path;
  });
  if (route == kRoutes.end())
    return plain(404, "There are /ping, /invocations and /execution-parameters here.");
  const bool fits =
      request.method == route->method || (request.method == "HEAD" && route->method == "GET");
  if (!fits) {
    http::Response response =
        plain(405, std::string(route->path) + " takes " + std::string(route->method) + " only.");
    response.headers.add("Allow", std::string(route->method));
    return response;
  }
  if (route->path == "/ping") return plain(200, {});
  if (route->path == "/execution-parameters") return execution_parameters();
  return invoke(request);
}

http::Response ModelServer::invoke(http::Request& request) {
  const Counted invocation(invocations_);
  if (invocation.now() > kMaxInvocations) {
    http::Response response =
        plain(503, "More than " + std::to_string(kMaxInvocations) +
                       " requests wait for answers of this model. Send fewer at once, or later.");
    response.headers.add("Retry-After", "1");
    return response;
  }
  const auto too_long = [&] {
    return plain(413, "The request has more than " + std::to_string(*settings_.max_payload_bytes) +
                          " bytes. Send fewer rows at a time, or raise "
                          "SAGEMAKER_MAX_PAYLOAD_IN_MB.");
  };
  const auto most = settings_.max_payload_bytes;
  if (most && request.content_length.value_or(0) > *most) return too_long();
  LimitedBody body(*request.body, most);
  // A body that is here already keeps a core busy; one that is still coming may take its time.
  std::optional<Turns::Turn> turn;
  if (most && request.content_length.value_or(0) > kLargeBytes) turn.emplace(large_requests_);
  try {
    ScoreRequest asked{
        .content_type = std::string(request.headers.find("Content-Type").value_or("")),
        .accept = std::string(request.headers.find("Accept").value_or(""))};
    if (asked.accept.empty() || asked.accept == "*/*") asked.accept = settings_.default_accept;
    http::Response response;
    AnswerText answer(response.body.emplace<std::string>());
    response.headers.add("Content-Type", scorer_.answer(asked, body, answer));
    return response;
  } catch (const Error& error) {
    if (error.code() == kGone) throw;
    if (body.is_too_long()) return too_long();
    const int status = status_of(error);
    if (status == 500) log_.warning(std::string("a request failed: ") + error.what());
    return plain(status, error.what());
  } catch (const std::exception& error) {
    log_.warning(std::string("a request failed: ") + error.what());
    return plain(500, "The model server failed. Its log says more.");
  }
}

http::Response ModelServer::execution_parameters() const {
  Json parameters = Json::object();
  parameters["MaxConcurrentTransforms"] = available_cpus();
  parameters["BatchStrategy"] = scorer_.takes_many() ? "MULTI_RECORD" : "SINGLE_RECORD";
  parameters["MaxPayloadInMB"] = settings_.max_payload_bytes.value_or(0) >> 20;
  http::Response response;
  response.headers.add("Content-Type", "application/json");
  response.body = to_text(parameters);
  return response;
}

}  // namespace millrace::serving
