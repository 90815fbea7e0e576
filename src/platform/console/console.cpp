#include "platform/console/console.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "generated/aws/services.h"
#include "platform/aws/error_response.h"
#include "platform/aws/request_body.h"
#include "platform/aws/request_id.h"

namespace millrace::console {
namespace {

constexpr std::string_view kCookie = "millrace-session";
constexpr std::string_view kCsrfHeader = "X-Millrace-CSRF";
constexpr std::uint64_t kMaxSignInBytes = 4096;
constexpr std::chrono::seconds kSignInTimeout{10};

/// The value of a cookie; empty when absent.
std::string_view cookie_of(const http::Headers& headers, std::string_view name) {
  for (const auto& [field, value] : headers) {
    if (!equal_ignoring_case(field, "Cookie")) continue;
    for (const std::string_view pair : split(value, ';')) {
      const std::string_view cookie = trim(pair);
      if (cookie.size() > name.size() && cookie[name.size()] == '=' && cookie.starts_with(name))
        return cookie.substr(name.size() + 1);
    }
  }
  return {};
}

bool has_parameter(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    if (part.substr(0, part.find('=')) == name) return true;
  }
  return false;
}

bool is_signed(const http::Request& request) {
  return request.headers.find("Authorization") || has_parameter(request.query, "X-Amz-Signature") ||
         has_parameter(request.query, "X-Amz-Algorithm") ||
         has_parameter(request.query, "Signature");
}

bool is_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

bool changes_something(const http::Request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

/// The peer's address without its port.
std::string client_of(const http::Request& request) {
  return request.peer.substr(0, request.peer.rfind(':'));
}

http::Response not_signed_in() {
  return refusal(401, "NotSignedIn",
                 "You are not signed in, or your session has ended. Sign in again.");
}

/// Refusals whose status the JSON protocol does not show.
int status_of(const aws::WireError& error) {
  if (error.code == "AccessDeniedException") return 403;
  if (error.code == "ResourceNotFoundException" || error.code == "NoSuchKey" ||
      error.code == "NoSuchBucket")
    return 404;
  if (error.code == "Conflict") return 409;
  return error.status;
}

const aws::Service& control_service() {
  static const aws::Service* const found = [] {
    const auto services = wire::services();
    return *std::find_if(services.begin(), services.end(),
                         [](const aws::Service* service) { return service->name == "control"; });
  }();
  return *found;
}

}  // namespace

Console::Console(ConsoleOptions options, Guards guards, const aws::Dispatch& dispatch,
                 Assets assets, SignInLinks& links)
    : options_(std::move(options)),
      guards_(std::move(guards)),
      aws_calls_(dispatch),
      assets_(assets),
      links_(links),
      hosts_(options_.address, options_.host_names) {}

bool Console::takes(const http::Request& request) {
  const std::string_view path = request.path;
  const bool start =
      path == "/" && (request.method == "GET" || request.method == "HEAD") &&
      request.headers.find("Accept").value_or("").find("text/html") != std::string_view::npos;
  if (!start && !is_below(path, "/console") && !is_below(path, "/mr")) return false;
  return !is_signed(request);
}

http::Response Console::handle(http::Request& request) {
  try {
    return answer(request);
  } catch (const Error& error) {
    const aws::WireError wire = aws::wire_error(error, aws::ErrorFamily::Json, nullptr, true);
    if (error.blame() != Blame::Customer) {
      log_event("console-request-failed",
                {{"path", request.path}, {"code", wire.code}, {"message", error.what()}});
    }
    return refusal(status_of(wire), wire.code, wire.message);
  } catch (const std::exception& error) {
    const std::string id = aws::new_request_id();
    log_event("console-request-failed",
              {{"path", request.path}, {"request_id", id}, {"message", error.what()}});
    const aws::WireError wire = aws::internal_error(aws::ErrorFamily::Json, id);
    return refusal(wire.status, wire.code, wire.message);
  }
}

http::Response Console::answer(http::Request& request) {
  const std::string host(request.headers.find("Host").value_or(""));
  if (!hosts_.allow(host)) {
    return refusal(403, "UnknownHost",
                   "The console does not answer as '" + printable(host, 80) +
                       "'. Use the address that millrace serve printed, or name this host with "
                       "its option --console-host.");
  }
  if (!is_below(request.path, "/mr")) return assets_.answer(request);
  if (const auto origin = request.headers.find("Origin");
      changes_something(request) && origin && !HostRules::same_origin(*origin, host)) {
    return refusal(403, "ForeignOrigin",
                   "The request comes from a page of " + printable(*origin, 80) +
                       ", which is not the console's.");
  }
  if (request.path == "/mr/session" && request.method == "POST") return sign_in(request);
  return answer_own(request);
}

http::Response Console::answer_own(http::Request& request) {
  const std::string id(cookie_of(request.headers, kCookie));
  const std::optional<Session> session = sessions_.use(id);
  if (!session) return not_signed_in();
  const std::optional<aws::Identity> identity = guards_.keys(session->access_key);
  if (!identity) {
    sessions_.close(id);
    return not_signed_in();
  }
  if (changes_something(request) &&
      !constant_time_equal(request.headers.find(kCsrfHeader).value_or(""), session->csrf_token)) {
    return refusal(403, "CsrfTokenMismatch",
                   "The request does not repeat the session's token in X-Millrace-CSRF. Read it "
                   "from GET /mr/session.");
  }
  aws::Caller caller = identity->caller;
  caller.access_key = session->access_key;
  caller.region = options_.region;
  if (request.path == "/mr/session") {
    if (request.method == "GET") return session_document(*session, caller);
    if (request.method == "DELETE") return sign_out(request);
  }
  if (request.path.starts_with(AwsCalls::kPrefix)) return aws_calls_.answer(request, caller);
  return answer_extra(request, caller, id);
}

http::Response Console::answer_extra(http::Request& request, const aws::Caller& caller,
                                     const std::string& session) {
  const std::string_view method =
      request.method == "HEAD" ? "GET" : std::string_view(request.method);
  Routes::Found found = routes_.find(method, request.path);
  if (found.extra == nullptr) {
    if (found.known) {
      return refusal(405, "MethodNotAllowed",
                     "This path of the console has no method " + request.method + ".");
    }
    return refusal(404, "ResourceNotFoundException", "The console has no such path.");
  }
  Call call{.request = request,
            .caller = caller,
            .session = session,
            .query = aws::Parameters(request.query),
            .parts = std::move(found.parts)};
  try {
    http::Response response = (*found.extra)(call);
    audit(request, caller, call.accesses, response.status, {});
    return response;
  } catch (const Error& error) {
    const aws::WireError wire = aws::wire_error(error, aws::ErrorFamily::Json, nullptr, true);
    audit(request, caller, call.accesses, status_of(wire), wire.code);
    throw;
  }
}

/// The access key that a sign-in proves, by its secret or by a link; empty when it proves none.
std::string Console::key_of(http::Request& request) {
  Json document;
  try {
    document = parse_json(
        aws::read_body(*request.body, request.content_length, kMaxSignInBytes, kSignInTimeout),
        "request body");
  } catch (const Error& error) {
    throw Error(Blame::Customer, "SerializationException", error.what());
  }
  const auto member = [&](const char* name) -> std::string {
    if (!document.is_object()) return {};
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string();
  };
  if (const std::string token = member("Token"); !token.empty())
    return links_.redeem(token).value_or("");
  const std::string id = member("AccessKeyId");
  const std::optional<aws::Identity> identity = guards_.keys(id);
  // Temporary keys belong to jobs, whose programs have no business here.
  if (!identity || !identity->session_token.empty()) return {};
  return constant_time_equal(identity->secret_key, member("SecretAccessKey")) ? id : std::string();
}

http::Response Console::sign_in(http::Request& request) {
  const std::string client = client_of(request);
  if (const auto wait = gate_.wait(client)) {
    http::Response response =
        refusal(429, "TooManyRequests",
                "Too many attempts. Try again in " + std::to_string(wait->count()) + " s.");
    response.headers.add("Retry-After", std::to_string(wait->count()));
    return response;
  }
  const std::string key = key_of(request);
  const std::optional<aws::Identity> identity = key.empty() ? std::nullopt : guards_.keys(key);
  if (!identity) {
    gate_.failed(client);
    log_event("console-sign-in-refused", {{"peer", request.peer}});
    return refusal(403, "AccessDeniedException",
                   "The key or the link is not valid. A link works once, for ten minutes; "
                   "`millrace console` prints another.");
  }
  gate_.succeeded(client);
  const Sessions::Opened opened = sessions_.open(key);
  aws::Caller caller = identity->caller;
  caller.access_key = key;
  caller.region = options_.region;
  http::Response response = session_document(opened.session, caller);
  response.headers.add(
      "Set-Cookie",
      cookie(opened.id,
             std::chrono::duration_cast<std::chrono::seconds>(Sessions::kLifetime).count()));
  audit(request, caller, {{"millrace:SignInToConsole", "*"}}, response.status, {});
  return response;
}

http::Response Console::sign_out(http::Request& request) {
  sessions_.close(cookie_of(request.headers, kCookie));
  http::Response response = json_answer(Json::object());
  response.headers.add("Set-Cookie", cookie("", 0));
  return response;
}

http::Response Console::session_document(const Session& session, const aws::Caller& caller) const {
  return json_answer({{"User", caller_name(caller)},
                      {"Arn", caller.arn},
                      {"Account", caller.account},
                      {"Region", caller.region},
                      {"CsrfToken", session.csrf_token},
                      {"ExpiresAt", iso8601_seconds(session.expires())},
                      {"Version", options_.version}});
}

std::string Console::cookie(const std::string& value, std::int64_t seconds) const {
  return std::string(kCookie) + "=" + value +
         "; Path=/mr/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (options_.secure ? "; Secure" : "");
}

bool Console::lives(const std::string& session, const std::string& access_key) const {
  return sessions_.lives(session) && guards_.keys(access_key).has_value();
}

void Console::permit(Call& call, std::string action, std::string resource) const {
  call.accesses.push_back({.action = std::move(action), .resource = std::move(resource)});
  if (guards_.authorize) guards_.authorize(control_service(), call.caller, {call.accesses.back()});
}

bool Console::allows(const aws::Caller& caller, const std::string& action,
                     const std::string& resource) const {
  if (!guards_.authorize) return true;
  try {
    guards_.authorize(control_service(), caller, {{action, resource}});
    return true;
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
    return false;
  }
}

void Console::audit(const http::Request& request, const aws::Caller& caller,
                    const std::vector<aws::ResourceAccess>& accesses, int status,
                    std::string_view error) const {
  if (!guards_.audit || accesses.empty()) return;
  guards_.audit({.at = now(),
                 .caller = caller,
                 .accesses = accesses,
                 .peer = request.peer,
                 .request_id = aws::new_request_id(),
                 .status = status,
                 .error = error});
}

}  // namespace millrace::console
