#include "platform/runner/serving/supervise_server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/contract/workload.h"
#include "core/http/listener.h"
#include "core/io/fd_message.h"
#include "core/io/file.h"
#include "core/io/shell_for_test.h"
#include "core/io/short_path.h"
#include "platform/runner/fake_daemon_for_test.h"
#include "platform/runner/without_namespaces_for_test.h"

namespace millrace::runner {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using wire::control::ReportServerRequest;
namespace fs = std::filesystem;

/// A model server in the way of users' containers: what the test wants of it stands in MODE. It
/// answers what it was sent, behind the content of its model.
constexpr const char* kServer = R"py(
import http.server, os, signal, sys, time
mode = os.environ.get('MODE', '')
if mode == 'slow': time.sleep(0.3)
if mode == 'deaf': signal.signal(signal.SIGTERM, lambda *arguments: print('not now', flush=True))
def leave(*arguments):
    print('good bye', flush=True)
    os._exit(0)
if mode == 'polite': signal.signal(signal.SIGTERM, leave)
model = open(os.environ['MODEL']).read() if 'MODEL' in os.environ else ''
hangs = False
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def answer(self, status, body=b''):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if hangs: time.sleep(1000)
        self.answer(500 if mode == 'ill' else 200)
    def do_POST(self):
        global hangs
        body = self.rfile.read(int(self.headers['Content-Length']))
        if body == b'crash': print('about to crash', flush=True); os._exit(7)
        if body == b'hang': hangs = True
        self.answer(200, model.encode() + body)
    def log_message(self, *arguments): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True
server = Server(('', int(os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080'))), Handler)
print('model loaded', flush=True)
server.serve_forever()
)py";

std::string printed(const ReportServerRequest& report) {
  return report.phase + (report.reason ? ": " + *report.reason : "");
}

/// Whole lives of an endpoint's instance, with a Python program for the model's server.
class SuperviseServerTest : public testing::Test {
 protected:
  SuperviseServerTest() {
    auto& ticket = store_.server_orders.ticket;
    ticket.workload = options_.workload;
    ticket.host = "algo-1";
    ticket.region = "us-east-1";
    ticket.command = {"/usr/bin/python3", "-c", kServer};
    ticket.log_group = "/aws/sagemaker/Endpoints/churn";
    ticket.log_stream = "AllTraffic/i-1";
    ticket.startup_timeout_in_seconds = 60;
    store_.on_server_report = [this](const ReportServerRequest&) { return stop_.load(); };
    options_.times.ping_interval = milliseconds(100);
    options_.times.first_pause = milliseconds(10);
  }
  ~SuperviseServerTest() override { stop(); }

  void start() {
    supervisor_ = std::thread([this] { supervise_server(options_, store_.connector()); });
  }
  /// Ends the supervisor as the daemon does and returns its last report.
  std::string stop() {
    stop_ = true;
    return wait_for_end();
  }
  std::string wait_for_end() {
    if (supervisor_.joinable()) supervisor_.join();
    if (store_.server_reports.empty()) return "";
    const fs::path directory = store_.directory() / "work" / options_.workload / "algo-1";
    EXPECT_TRUE(!fs::exists(directory) || fs::is_empty(directory)) << "the workspace is gone";
    return printed(store_.server_reports.back());
  }
  static bool wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 6000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  [[nodiscard]] fs::path socket_path() const {
    return store_.directory() / "work" / options_.workload / "algo-1" / instance_socket::kName;
  }
  /// What the instance's socket answers: a connection, or a sentence.
  [[nodiscard]] std::pair<Fd, std::string> ask_socket() const {
    if (!fs::exists(socket_path())) return {Fd(), "no socket"};
    const ShortPath path(socket_path());
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.name().data(), path.name().size());
    const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
      return {Fd(), "nobody answers"};
    std::array<char, 2048> text;
    auto message = receive_with_fd(socket.get(), text);
    if (!message) return {Fd(), "broken"};
    return {std::move(message->fd), std::string(text.data(), message->length)};
  }
  Fd connect() {
    std::pair<Fd, std::string> answer;
    EXPECT_TRUE(wait_until([&] {
      answer = ask_socket();
      return answer.first.get() >= 0;
    })) << answer.second;
    return std::move(answer.first);
  }
  static void send_all(const Fd& socket, const std::string& body) {
    const std::string request =
        "POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    pollfd ready{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    ::poll(&ready, 1, 30000);
    EXPECT_EQ(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }
  /// The body of an answer of `size` bytes; what came where the connection breaks off.
  static std::string receive_all(const Fd& socket, std::size_t size) {
    std::string text;
    for (;;) {
      const std::size_t head = text.find("\r\n\r\n");
      if (head != std::string::npos && text.size() >= head + 4 + size) return text.substr(head + 4);
      pollfd ready{.fd = socket.get(), .events = POLLIN, .revents = 0};
      std::array<char, 4096> block;
      if (::poll(&ready, 1, 30000) <= 0) return "silence";
      const ssize_t got = ::recv(socket.get(), block.data(), block.size(), 0);
      if (got <= 0) return "broke off: " + text;
      text.append(block.data(), static_cast<std::size_t>(got));
    }
  }
  std::string invoke(const std::string& body, std::size_t answer_bytes) {
    const Fd connection = connect();
    send_all(connection, body);
    return receive_all(connection, answer_bytes);
  }

  /// Every state told, without the ones that only repeat; to be called after the end.
  std::vector<std::string> states() const {
    std::vector<std::string> told;
    for (const ReportServerRequest& report : store_.server_reports) {
      const std::string text = printed(report) + " #" + std::to_string(report.restarts);
      if (told.empty() || told.back() != text) told.push_back(text);
    }
    return told;
  }
  /// The log, but for what an ordinary user's machine cannot enforce; to be called after the end.
  std::string lines() const {
    std::string text;
    for (const auto& event : store_.events) {
      if (event.message.find("is not enforced") == std::string::npos) text += event.message + "\n";
    }
    return text;
  }
  /// "m.tar.gz" in the store: the file "weights" with this content.
  void store_model(const std::string& content) {
    const fs::path directory = store_.directory() / "packing";
    fs::create_directories(directory);
    write_file_durably(directory / "weights", content);
    const std::string archive = (store_.directory() / "m.tar.gz").string();
    output_of("tar -C " + directory.string() + " -czf " + archive + " ./weights");
    store_.add("models", "m.tar.gz", read_file(archive));
    store_.server_orders.ticket.model_data_url = "s3://models/m.tar.gz";
    store_.server_orders.ticket.environment["MODEL"] = "/opt/ml/model/weights";
  }

  FakeStore store_;
  ServingOptions options_{.workload = "endpoint.churn.AllTraffic.1",
                          .data_directory = store_.directory().string()};
  std::atomic<bool> stop_ = false;
  std::thread supervisor_;
};

TEST_F(SuperviseServerTest, AModelIsServedThroughTheInstancesSocketUntilTheDaemonWantsItStopped) {
  store_model("weights ");
  start();
  EXPECT_EQ(invoke("1,2", 11), "weights 1,2");
  struct stat status {};
  ASSERT_EQ(::stat(socket_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(stop(), "Ended");
  EXPECT_THAT(states(), ElementsAre("Starting #0", "Healthy #0", "Ended #0"));
  EXPECT_EQ(lines(), "model loaded\n");
  EXPECT_EQ(store_.server_reports.back().supervisor_pid, ::getpid());
}

TEST_F(SuperviseServerTest, AStoreElsewhereIsNoObstacle) {
  store_.elsewhere = true;
  store_model("weights ");
  start();
  EXPECT_EQ(invoke("1,2", 11), "weights 1,2");
  EXPECT_EQ(stop(), "Ended");
}

TEST_F(SuperviseServerTest, TheObjectsOfAPrefixAreSeenReadOnlyAndStayTheStores) {
  store_.add("models", "m/weights", "weights ");
  store_.add("models", "m/code/inference.py", "pass");
  auto& ticket = store_.server_orders.ticket;
  ticket.model_data_url = "s3://models/m/";
  ticket.environment["MODEL"] = "/opt/ml/model/weights";
  ticket.command = {"sh", "-c",
                    "ls -R /opt/ml/model; echo x > /opt/ml/model/weights; exec python3 -c \"$1\"",
                    "sh", kServer};
  start();
  EXPECT_EQ(invoke("1", 9), "weights 1");
  stop();
  EXPECT_THAT(lines(), HasSubstr("/opt/ml/model:\ncode\nweights\n"));
  EXPECT_THAT(lines(), HasSubstr("inference.py\n"));
  EXPECT_THAT(lines(), HasSubstr("Read-only file system"));
  EXPECT_EQ(read_file(store_.path("models", "m/weights")), "weights ");
}

TEST_F(SuperviseServerTest, AServerThatStartsSlowlyIsStartingUntilItAnswers) {
  store_.server_orders.ticket.environment["MODE"] = "slow";
  start();
  std::string answer;
  EXPECT_TRUE(wait_until([&] {
    answer = ask_socket().second;
    return answer.starts_with("e");
  }));
  EXPECT_EQ(answer, "eit is starting");
  EXPECT_EQ(invoke("1", 1), "1");
  stop();
  EXPECT_THAT(states(), ElementsAre("Starting #0", "Healthy #0", "Ended #0"));
}

TEST_F(SuperviseServerTest, AServerThatIsNeverHealthyEndsWithWhatItAnsweredAndItsLastLines) {
  store_.server_orders.ticket.environment["MODE"] = "ill";
  store_.server_orders.ticket.startup_timeout_in_seconds = 4;
  start();
  EXPECT_EQ(wait_for_end(),
            "Ended: the server was not healthy within 4 s of its start: it answers GET /ping with "
            "status 500. Its last lines: model loaded");
}

TEST_F(SuperviseServerTest, AServerThatNeverComesUpIsStartedFourTimes) {
  store_.server_orders.ticket.command = {"sh", "-c", "echo no such model; exit 3"};
  start();
  EXPECT_THAT(wait_for_end(),
              StartsWith("Ended: the server exited with status 3. Its last lines: no such model"));
  EXPECT_EQ(store_.server_reports.back().restarts, 3);
  EXPECT_THAT(lines(), HasSubstr("[millrace] the server exited with status 3. It is started again "
                                 "in 0.01 s.\nno such model\n"));
}

TEST_F(SuperviseServerTest, AProgramThatIsNotThereIsNamedAtOnce) {
  store_.server_orders.ticket.command = {"/opt/none/serve"};
  start();
  EXPECT_THAT(wait_for_end(), HasSubstr("'/opt/none/serve' cannot be executed"));
}

TEST_F(SuperviseServerTest, AModelThatIsNotThereIsNamed) {
  store_.server_orders.ticket.model_data_url = "s3://models/m.tar.gz";
  start();
  EXPECT_EQ(wait_for_end(),
            "Ended: ClientError: the model, s3://models/m.tar.gz: there is no such object. Store "
            "the model there, or give ModelDataUrl the place where it is.");
}

TEST_F(SuperviseServerTest, AModelThatTakesLongerThanItMayIsGivenUp) {
  auto& ticket = store_.server_orders.ticket;
  ticket.model_data_url = "s3://models/churn/";
  ticket.download_timeout_in_seconds = 1;
  store_.add("models", "churn/weights", "w");
  store_.elsewhere = true;
  store_.after_open = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1200)); };
  start();
  EXPECT_THAT(wait_for_end(), AllOf(StartsWith("Ended: "), HasSubstr("was not here within 1 s"),
                                    HasSubstr("ModelDataDownloadTimeoutInSeconds")));
}

TEST_F(SuperviseServerTest, AServerThatCrashesIsStartedAgainAndItsStateIsTruthful) {
  start();
  EXPECT_THAT(invoke("crash", 5), StartsWith("broke off"));
  EXPECT_TRUE(wait_until([&] { return ask_socket().second == "eit is being started again"; }));
  EXPECT_EQ(invoke("again", 5), "again");
  stop();
  EXPECT_THAT(states(), ElementsAre("Starting #0", "Healthy #0",
                                    "Unhealthy: the server exited with status 7. Its last lines: "
                                    "model loaded | about to crash #1",
                                    "Healthy #1", "Ended #1"));
}

TEST_F(SuperviseServerTest, AServerThatHangsIsUnhealthyAndInTheEndStartedAgain) {
  options_.times.ping_limit = milliseconds(700);
  options_.times.failures = 1;
  options_.times.unhealthy_limit = milliseconds(1000);
  options_.times.grace = milliseconds(50);
  start();
  EXPECT_EQ(invoke("hang", 4), "hang");
  EXPECT_TRUE(wait_until([&] { return ask_socket().second == "eit is being started again"; }));
  EXPECT_EQ(invoke("again", 5), "again");
  stop();
  EXPECT_THAT(states(), testing::Contains(StartsWith(
                            "Unhealthy: the server is not healthy: it has not answered GET /ping "
                            "within 700 ms. Its last lines: model loaded #0")));
  EXPECT_THAT(lines(), HasSubstr("[millrace] the server has not been healthy for 1 s: "));
}

TEST_F(SuperviseServerTest, AServerThatIgnoresSigtermIsKilledAfterItsGrace) {
  store_.server_orders.ticket.environment["MODE"] = "deaf";
  options_.times.grace = milliseconds(300);
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  EXPECT_EQ(stop(), "Ended");
  EXPECT_THAT(lines(), HasSubstr("not now\n"));
}

TEST_F(SuperviseServerTest, AServerThatNoSigtermCanReachIsNotWaitedFor) {
  // The first process of a namespace without a handler; a grace that no test would wait out.
  options_.times.grace = std::chrono::hours(1);
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  EXPECT_EQ(stop(), "Ended");
}

TEST_F(SuperviseServerTest, AServerThatHeedsSigtermEndsInItsOwnTime) {
  auto& ticket = store_.server_orders.ticket;
  ticket.environment["MODE"] = "polite";
  options_.times.grace = std::chrono::hours(1);
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  EXPECT_EQ(stop(), "Ended");
  EXPECT_THAT(lines(), HasSubstr("good bye\n"));
}

TEST_F(SuperviseServerTest, SigtermEndsTheServerToo) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(wait_for_end(), "Ended");
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

TEST_F(SuperviseServerTest, AStopThatCameBeforeTheStartIsObeyed) {
  store_.server_orders.stop_requested = true;
  start();
  EXPECT_EQ(wait_for_end(), "Ended");
  EXPECT_EQ(lines(), "");
}

/// Processes of this machine whose command line or environment names `word`.
std::vector<pid_t> processes_with(const std::string& word) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto pid = parse_int(entry.path().filename().string());
    if (!pid) continue;
    for (const char* file : {"cmdline", "environ"}) {
      std::ifstream stream(entry.path() / file);
      std::string text((std::istreambuf_iterator<char>(stream)), {});
      if (text.find(word) == std::string::npos) continue;
      found.push_back(static_cast<pid_t>(*pid));
      break;
    }
  }
  return found;
}

TEST_F(SuperviseServerTest, NothingOfItSurvivesAKilledSupervisor) {
  const std::string token = "token-" + random_hex(8);
  store_.server_orders.ticket.environment["TOKEN"] = token;
  // What the supervisor leaves behind becomes ours, so nothing can hide.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    supervise_server(options_, store_.connector());
    ::_exit(0);
  }
  EXPECT_EQ(invoke("1", 1), "1");
  EXPECT_FALSE(processes_with(token).empty());
  ::kill(supervisor, SIGKILL);
  // The server, bubblewrap and the process in the namespace: waitpid says ECHILD when all are gone.
  EXPECT_TRUE(wait_until([] { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }));
  EXPECT_TRUE(processes_with(token).empty());
  EXPECT_EQ(ask_socket().second, "nobody answers");
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(SuperviseServerTest, AThousandConnectionsAtTheSameTimeAllGetTheirAnswer) {
  constexpr int kConnections = 1000;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit earlier = files;
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_max < 3 * kConnections) GTEST_SKIP() << "too few descriptors are allowed here";
  // A server that is at work may answer late; that is not what this is about.
  options_.times.ping_limit = std::chrono::minutes(1);
  start();
  connect();
  std::vector<Fd> connections(kConnections);
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([&, client] {
      for (int i = client; i < kConnections; i += 8) {
        connections[static_cast<std::size_t>(i)] = connect();
        send_all(connections[static_cast<std::size_t>(i)], std::to_string(10000 + i));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  for (int i = 0; i < kConnections; ++i)
    EXPECT_EQ(receive_all(connections[static_cast<std::size_t>(i)], 5), std::to_string(10000 + i));
  connections.clear();
  EXPECT_EQ(stop(), "Ended");
  EXPECT_EQ(store_.server_reports.back().restarts, 0);
  ::setrlimit(RLIMIT_NOFILE, &earlier);
}

/// Says to each caller what it was sent, behind a greeting, until it is destroyed.
class Greeter {
 public:
  explicit Greeter(Fd listener) : listener_(std::move(listener)) {
    ::fcntl(listener_.get(), F_SETFL, 0);
    thread_ = std::thread([this] {
      for (;;) {
        const Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!caller) return;
        std::array<char, 64> block;
        const ssize_t got = ::recv(caller.get(), block.data(), block.size(), 0);
        const std::string answer =
            "hello " + std::string(block.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        ::send(caller.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Greeter() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] const Fd& listener() const { return listener_; }

 private:
  Fd listener_;
  std::thread thread_;
};

/// Tries addresses and says what became of it, then serves.
constexpr const char* kExplorer = R"py(
import os, socket, urllib.parse
def attempt(host, port):
    try:
        with socket.create_connection((host, port), 2) as connection:
            connection.sendall(b'daemon')
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(100).decode()
    except OSError as error:
        return error.strerror or type(error).__name__
url = os.environ.get('AWS_ENDPOINT_URL')
if url: print('daemon:', attempt('127.0.0.1', urllib.parse.urlsplit(url).port))
print('machine:', attempt('127.0.0.1', int(os.environ['OTHER_PORT'])))
print('network:', attempt('192.0.2.1', 80))
try: socket.getaddrinfo('amazonaws.com', 80); print('name: found')
except OSError: print('name: unknown')
print('interfaces:', ' '.join(name for _, name in socket.if_nameindex()), flush=True)
)py";

TEST_F(SuperviseServerTest, FromInsideNothingAnswersButTheServerAndTheDaemonsPort) {
  const fs::path socket = store_.directory() / "daemon.sock";
  const Greeter daemon(http::listen_unix(socket.string()));
  const Greeter other(http::listen_tcp("127.0.0.1", 0));
  options_.daemon_socket = socket.string();
  auto& ticket = store_.server_orders.ticket;
  ticket.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9";
  ticket.environment["OTHER_PORT"] = std::to_string(http::bound_port(other.listener()));
  ticket.command = {"sh", "-c",      "python3 -c \"$1\"; exec python3 -c \"$2\"",
                    "sh", kExplorer, kServer};
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  stop();
  EXPECT_EQ(lines(),
            "daemon: hello daemon\nmachine: Connection refused\nnetwork: Network is unreachable\n"
            "name: unknown\ninterfaces: lo\nmodel loaded\n");
}

TEST_F(SuperviseServerTest, WithNetworkIsolationEvenTheDaemonsPortIsClosed) {
  auto& ticket = store_.server_orders.ticket;
  ticket.network_isolation = true;
  ticket.environment["OTHER_PORT"] = "9";
  ticket.command = {"sh", "-c",      "python3 -c \"$1\"; exec python3 -c \"$2\"",
                    "sh", kExplorer, kServer};
  start();
  EXPECT_EQ(invoke("1", 1), "1");
  stop();
  EXPECT_THAT(lines(), StartsWith("machine: Connection refused\nnetwork: Network is unreachable"));
}

TEST_F(SuperviseServerTest, WithoutNamespacesAServerIsRefusedUnlessTheOperatorAllowedIt) {
  EXPECT_EQ(without_namespaces([&] {
              start();
              EXPECT_THAT(wait_for_end(), HasSubstr("MILLRACE_ALLOW_UNCONFINED=true"));
            }),
            0);
}

TEST_F(SuperviseServerTest, AnIsolatedModelIsNotServedInTheMachinesNetwork) {
  EXPECT_EQ(without_namespaces([&] {
              options_.may_run_unconfined = true;
              store_.server_orders.ticket.network_isolation = true;
              start();
              EXPECT_THAT(wait_for_end(), HasSubstr("This model asks for EnableNetworkIsolation"));
            }),
            0);
}

TEST_F(SuperviseServerTest, AnUnconfinedServerGetsAFreePortAndSaysSo) {
  EXPECT_EQ(
      without_namespaces([&] {
        options_.may_run_unconfined = true;
        store_model("weights ");
        store_.server_orders.ticket.environment["MODEL"] =
            (store_.directory() / "work" / options_.workload / "algo-1/writable/model/weights")
                .string();
        start();
        EXPECT_EQ(invoke("1,2", 11), "weights 1,2");
        EXPECT_EQ(stop(), "Ended");
        EXPECT_THAT(lines(), HasSubstr("[millrace] this server runs WITHOUT a sandbox"));
      }),
      0);
}

}  // namespace
}  // namespace millrace::runner
