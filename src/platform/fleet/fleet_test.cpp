#include "platform/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/error.h"
#include "core/contract/workload.h"
#include "core/io/file.h"
#include "platform/fleet/supervisor_process.h"
#include "platform/identity/keyring.h"
#include "platform/records/instance_queue.h"
#include "platform/records/temporary_database.h"

namespace millrace::fleet {
namespace {

using ::testing::HasSubstr;

/// Waits until `holds`; the limit is for a broken build, not a measurement.
void wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 3000 && !holds(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// Ends as the fleet reported them.
class Ends {
 public:
  void add(const SupervisorEnd& end) {
    const std::lock_guard lock(mutex_);
    ends_.push_back(end);
    changed_.notify_all();
  }
  SupervisorEnd wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return ends_.size() >= count; });
    return ends_.size() >= count ? ends_[count - 1] : SupervisorEnd{};
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return ends_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SupervisorEnd> ends_;
};

class FleetTest : public ::testing::Test {
 protected:
  ~FleetTest() override {
    for (const pid_t pid : started_) ::kill(pid, SIGKILL);
  }

  /// A supervisor that is a shell script; $2 is the job.
  void program(const std::string& body) {
    write_file_durably(data() / "program", "#!/bin/sh\n" + body + "\n", 0755);
  }
  [[nodiscard]] std::filesystem::path data() const { return records_.directory(); }
  [[nodiscard]] Fleet::Options options(double cpus = 2) const {
    return {.program = data() / "program",
            .data_dir = data(),
            .machine = {.cpus = cpus, .memory_bytes = 1000},
            .environment = {{"EXTRA", "yes"}}};
  }
  void enqueue(const std::string& job, double cpus = 1, std::int64_t hosts = 1,
               std::optional<Time> expires_at = {}) {
    enqueue(job, catalog::Resources{.cpus = cpus, .memory_bytes = 10}, hosts, expires_at);
  }
  void enqueue(const std::string& job, const catalog::Resources& demand, std::int64_t hosts = 1,
               std::optional<Time> expires_at = {}) {
    records_.database().write([&](records::Connection& transaction) {
      Fleet::enqueue(transaction, {.account = "111122223333",
                                   .workload = job,
                                   .region = "us-west-2",
                                   .role_arn = "arn:aws:iam::111122223333:role/R",
                                   .hosts = hosts,
                                   .demand = demand,
                                   .expires_at = expires_at});
    });
  }
  std::optional<records::QueueRow> row(const std::string& job) {
    return records_.database().read([&](records::Connection& connection) {
      return records::QueueTable(connection).find("111122223333", job);
    });
  }
  std::optional<pid_t> pid_of(const std::string& job, const std::string& host = "algo-1") {
    return records_.database().read([&](records::Connection& connection) -> std::optional<pid_t> {
      records::QueueTable queue(connection);
      const auto row = queue.find("111122223333", job);
      if (!row) return std::nullopt;
      for (const records::SupervisorRow& supervisor : queue.supervisors(row->id)) {
        if (supervisor.host == host) return static_cast<pid_t>(supervisor.pid);
      }
      return std::nullopt;
    });
  }
  /// Handlers of training jobs.
  static Fleet::HandlersByKind jobs(Fleet::OnEnd on_end, Fleet::OnExpiry on_expiry = {}) {
    return {{std::string(workload::kTraining),
             {.on_end = std::move(on_end), .on_expiry = std::move(on_expiry)}}};
  }
  Fleet::OnEnd give_back() {
    return [this](records::Connection&, const SupervisorEnd& end) {
      ends_.add(end);
      return AfterEnd::GiveBack;
    };
  }
  Fleet::HandlersByKind collect() { return jobs(give_back()); }
  pid_t remember_pid(const std::string& job, const std::string& host = "algo-1") {
    wait_until([&] { return pid_of(job, host).has_value(); });
    const pid_t pid = pid_of(job, host).value();
    started_.push_back(pid);
    return pid;
  }

  records::TemporaryDatabase records_;
  Ends ends_;
  std::vector<pid_t> started_;
};

TEST_F(FleetTest, AJobStartsAtOnceWithItsKeysInItsEnvironmentAndNothingElse) {
  program("echo \"$@\" > " + data().string() + "/out; pwd >> " + data().string() +
          "/out; env | cut -d= -f1 | sort >> " + data().string() + "/out");
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  enqueue("job");
  fleet.wake();
  ends_.wait_for(1);
  EXPECT_EQ(read_file(data() / "out"),
            "job job --host algo-1\n" + (data() / "work/job/algo-1").string() +
                "\nAWS_ACCESS_KEY_ID\nAWS_DEFAULT_REGION\nAWS_REGION\nAWS_SECRET_ACCESS_KEY\n"
                "AWS_SESSION_TOKEN\nEXTRA\nMILLRACE_ADDRESS\nMILLRACE_DATA_DIR\nPWD\n");
}

TEST_F(FleetTest, AnEndIsToldWithItsCauseAndTheLastWordsAndGivesEverythingBack) {
  program("echo starting; echo broken pipe >&2; exit 3");
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  enqueue("job");
  fleet.wake();
  const SupervisorEnd end = ends_.wait_for(1);
  EXPECT_EQ(end.workload, "job");
  EXPECT_EQ(end.reason,
            "the supervisor exited with status 3. Its last words: starting | broken pipe");
  EXPECT_FALSE(end.maybe_never_started);
  wait_until([&] { return !row("job"); });
  EXPECT_FALSE(row("job"));
  records_.database().read([](records::Connection& connection) {
    EXPECT_FALSE(identity::Keyring::of_job(connection, "job"));
  });
  wait_until([&] { return std::filesystem::is_empty(data() / "work"); });
  EXPECT_TRUE(std::filesystem::is_empty(data() / "work"));
}

TEST_F(FleetTest, AProgramThatIsNotThereIsToldAsWell) {
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  enqueue("job");
  fleet.wake();
  EXPECT_THAT(ends_.wait_for(1).reason,
              HasSubstr("could not be started: cannot run program: No such file or directory"));
}

TEST_F(FleetTest, AJobThatWaitsAgainIsStartedAgain) {
  program("exit 1");
  Fleet fleet(records_.database(), options());
  fleet.start(jobs([this](records::Connection&, const SupervisorEnd& end) {
    ends_.add(end);
    return ends_.count() < 3 ? AfterEnd::WaitAgain : AfterEnd::GiveBack;
  }));
  enqueue("job");
  fleet.wake();
  EXPECT_EQ(ends_.wait_for(3).workload, "job");
  wait_until([&] { return !row("job"); });
  EXPECT_FALSE(row("job"));
}

TEST_F(FleetTest, WhatDoesNotFitWaitsUntilThereIsRoom) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options(/*cpus=*/2));
  fleet.start(collect());
  enqueue("first", 2);
  enqueue("second", 1);
  fleet.wake();
  const pid_t pid = remember_pid("first");
  EXPECT_FALSE(row("second").value().leased);
  ::kill(pid, SIGKILL);
  EXPECT_EQ(ends_.wait_for(1).reason, "the supervisor was killed by signal 9.");
  remember_pid("second");
  EXPECT_TRUE(row("second").value().leased);
}

TEST_F(FleetTest, AWaitingJobCanBeWithdrawnAndARunningOneCannot) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options(/*cpus=*/1));
  fleet.start(collect());
  enqueue("running");
  fleet.wake();
  remember_pid("running");
  enqueue("waiting");
  records_.database().write([](records::Connection& transaction) {
    EXPECT_TRUE(Fleet::withdraw(transaction, "111122223333", "waiting"));
    EXPECT_FALSE(Fleet::withdraw(transaction, "111122223333", "running"));
  });
}

TEST_F(FleetTest, ASupervisorPastItsDeadlineIsKilled) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  enqueue("job");
  fleet.wake();
  remember_pid("job");
  records_.database().write([](records::Connection& transaction) {
    Fleet::set_deadline(transaction, "111122223333", "job", now() + std::chrono::milliseconds(20));
  });
  fleet.wake();
  EXPECT_EQ(ends_.wait_for(1).reason, "the supervisor did not end in time and was killed.");
}

TEST_F(FleetTest, SupervisorsOutliveTheFleetAndAreFoundAgain) {
  program("exec sleep 1000");
  pid_t pid = 0;
  {
    Fleet fleet(records_.database(), options());
    fleet.start(collect());
    enqueue("job");
    fleet.wake();
    pid = remember_pid("job");
  }
  ASSERT_TRUE(find_process(pid));
  EXPECT_TRUE(supervisor_lives(data() / "work/job/algo-1"));
  Fleet fleet(records_.database(), options(/*cpus=*/1));
  fleet.start(collect());
  enqueue("next");
  fleet.wake();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(row("next").value().leased) << "the earlier job still holds the CPU";
  ::kill(pid, SIGKILL);
  EXPECT_EQ(ends_.wait_for(1).workload, "job");
  remember_pid("next");
}

TEST_F(FleetTest, ASupervisorThatDiedMeanwhileIsTold) {
  program("exec sleep 1000");
  pid_t pid = 0;
  {
    Fleet fleet(records_.database(), options());
    fleet.start(collect());
    enqueue("job");
    fleet.wake();
    pid = remember_pid("job");
  }
  ::kill(pid, SIGKILL);
  wait_until([&] { return !find_process(pid); });
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  const SupervisorEnd end = ends_.wait_for(1);
  EXPECT_EQ(end.reason, "the supervisor ended while the daemon was not running.");
  EXPECT_FALSE(end.maybe_never_started);
}

TEST_F(FleetTest, ALeaseWithoutASupervisorMayNeverHaveStarted) {
  enqueue("job");
  records_.database().write([](records::Connection& transaction) {
    records::QueueTable table(transaction);
    ASSERT_TRUE(table.lease(table.waiting(1).at(0).id));
  });
  program("exit 0");
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  EXPECT_TRUE(ends_.wait_for(1).maybe_never_started);
}

TEST_F(FleetTest, ASupervisorWhoseStartWasNotWrittenDownIsRecognisedByItsLogAndItsAnnouncement) {
  program("exec sleep 1000");
  enqueue("job");
  records_.database().write([](records::Connection& transaction) {
    records::QueueTable table(transaction);
    ASSERT_TRUE(table.lease(table.waiting(1).at(0).id));
  });
  // As an earlier daemon that was killed at once would have left it.
  const pid_t pid = start_supervisor({.program = data() / "program",
                                      .workload = "job",
                                      .host = "algo-1",
                                      .directory = data() / "work/job/algo-1",
                                      .environment = {}});
  started_.push_back(pid);
  Fleet fleet(records_.database(), options());
  fleet.start(collect());
  fleet.heard_from("JOB", "algo-1", pid);
  wait_until([&] { return pid_of("job").has_value(); });
  EXPECT_EQ(pid_of("job"), pid);
  EXPECT_EQ(ends_.count(), 0U);
  ::kill(pid, SIGKILL);
  EXPECT_EQ(ends_.wait_for(1).workload, "job");
}

TEST_F(FleetTest, AJobsHostsStartTogetherAndItsInstancesAreHeldUntilTheLastHasEnded) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options(/*cpus=*/2));
  fleet.start(collect());
  enqueue("pair", 2, /*hosts=*/2);
  enqueue("next", 1);
  fleet.wake();
  const pid_t first = remember_pid("pair", "algo-1");
  const pid_t second = remember_pid("pair", "algo-2");
  ::kill(second, SIGKILL);
  const SupervisorEnd one = ends_.wait_for(1);
  EXPECT_EQ(one.host, "algo-2");
  EXPECT_FALSE(one.last);
  EXPECT_TRUE(row("pair").value().leased);
  EXPECT_FALSE(row("next").value().leased);
  records_.database().read([](records::Connection& connection) {
    EXPECT_TRUE(identity::Keyring::of_job(connection, "pair")) << "the other host still works";
  });
  ::kill(first, SIGKILL);
  const SupervisorEnd other = ends_.wait_for(2);
  EXPECT_EQ(other.host, "algo-1");
  EXPECT_TRUE(other.last);
  remember_pid("next");
  EXPECT_FALSE(row("pair"));
}

TEST_F(FleetTest, HostsAreFoundAgainEachByItsOwnNumber) {
  program("exec sleep 1000");
  pid_t second = 0;
  {
    Fleet fleet(records_.database(), options(/*cpus=*/2));
    fleet.start(collect());
    enqueue("pair", 2, /*hosts=*/2);
    fleet.wake();
    remember_pid("pair", "algo-1");
    second = remember_pid("pair", "algo-2");
  }
  Fleet fleet(records_.database(), options(/*cpus=*/2));
  fleet.start(collect());
  ::kill(second, SIGKILL);
  const SupervisorEnd end = ends_.wait_for(1);
  EXPECT_EQ(end.host, "algo-2");
  EXPECT_FALSE(end.last);
  EXPECT_EQ(ends_.count(), 1U);
}

TEST_F(FleetTest, AHostThatWasNeverStartedIsStartedBesideTheOthers) {
  program("exec sleep 1000");
  enqueue("pair", 2, /*hosts=*/2);
  // As a daemon leaves it that is killed between two starts.
  const pid_t first = start_supervisor({.program = data() / "program",
                                        .workload = "pair",
                                        .host = "algo-1",
                                        .directory = data() / "work/pair/algo-1",
                                        .environment = {}});
  started_.push_back(first);
  records_.database().write([&](records::Connection& transaction) {
    records::QueueTable table(transaction);
    const std::int64_t id = table.waiting(1).at(0).id;
    ASSERT_TRUE(table.lease(id));
    table.set_supervisor(
        id, {.host = "algo-1", .pid = first, .started = find_process(first).value().started});
  });
  Fleet fleet(records_.database(), options(/*cpus=*/2));
  fleet.start(jobs([this](records::Connection&, const SupervisorEnd& end) {
    ends_.add(end);
    return end.maybe_never_started ? AfterEnd::StartAgain : AfterEnd::GiveBack;
  }));
  EXPECT_EQ(ends_.wait_for(1).host, "algo-2");
  remember_pid("pair", "algo-2");
  EXPECT_EQ(pid_of("pair", "algo-1"), first);
  EXPECT_EQ(ends_.count(), 1U);
}

TEST_F(FleetTest, AJobIsToldOnceThatItsTimeIsOverAndWaitsNoMore) {
  program("exec sleep 1000");
  std::atomic<int> told_running = 0;
  std::atomic<int> told_waiting = 0;
  {
    Fleet fleet(records_.database(), options(/*cpus=*/1));
    fleet.start(jobs(give_back(), [&](records::Connection&, const Expiry& expiry) {
      ++(expiry.has_instances ? told_running : told_waiting);
      EXPECT_EQ(expiry.workload, expiry.has_instances ? "runs" : "waits");
    }));
    enqueue("runs");
    fleet.wake();
    remember_pid("runs");
    records_.database().write([&](records::Connection& transaction) {
      transaction.execute("UPDATE instance_queue SET expires_at = 1");
    });
    enqueue("waits", 1, 1, now() + std::chrono::milliseconds(100));
    fleet.wake();
    // Told in a transaction, which ends after that.
    wait_until([&] { return told_waiting == 1 && told_running == 1 && !row("waits"); });
    EXPECT_FALSE(row("waits"));
    EXPECT_TRUE(row("runs").value().leased) << "that is for its job to end";
    fleet.wake();
  }
  EXPECT_EQ(told_running, 1);
  EXPECT_EQ(told_waiting, 1);
}

TEST_F(FleetTest, WhatDemandsNothingStartsWhateverWaitsAndHasPassedNobody) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options(/*cpus=*/1));
  fleet.start({{"", {.on_end = give_back(), .on_expiry = {}}},
               {"endpoint", {.on_end = give_back(), .on_expiry = {}}}});
  enqueue("first");
  // More than those among which the next one to start is looked for, each passed as often as it
  // may be.
  for (int i = 0; i < 80; ++i) enqueue("job-" + std::to_string(i));
  enqueue("endpoint.churn.AllTraffic.1", catalog::Resources{});
  fleet.wake();
  const pid_t job = remember_pid("first");
  remember_pid("endpoint.churn.AllTraffic.1");
  EXPECT_TRUE(row("endpoint.churn.AllTraffic.1").value().leased);
  EXPECT_FALSE(row("job-0").value().leased) << "the only CPU is taken";
  for (int i = 2; i < 20; ++i) {
    const std::string name = "endpoint.churn.AllTraffic." + std::to_string(i);
    enqueue(name, catalog::Resources{});
    fleet.wake();
    remember_pid(name);
  }
  ::kill(job, SIGKILL);
  remember_pid("job-0");
  EXPECT_FALSE(row("job-1").value().leased);
}

TEST_F(FleetTest, AnEndpointsKeysAndDirectoryAreItsOwnAndGoWithIt) {
  program("echo $2 >> " + data().string() + "/out; exec sleep 1000");
  const std::string name = "endpoint.Churn.AllTraffic.1";
  Fleet fleet(records_.database(), options());
  fleet.start({{"endpoint", {.on_end = give_back(), .on_expiry = {}}}});
  enqueue(name, catalog::Resources{});
  fleet.wake();
  const pid_t pid = remember_pid(name);
  wait_until([&] { return std::filesystem::exists(data() / "out"); });
  EXPECT_TRUE(std::filesystem::is_directory(data() / "work" / name / "algo-1"));
  const auto keys = [&](const std::string& workload) {
    return records_.database().read([&](records::Connection& connection) {
      return identity::Keyring::of_job(connection, workload).has_value();
    });
  };
  EXPECT_TRUE(keys(name));
  EXPECT_FALSE(keys("Churn"));
  ::kill(pid, SIGKILL);
  EXPECT_EQ(ends_.wait_for(1).workload, name);
  wait_until([&] { return !row(name); });
  EXPECT_EQ(read_file(data() / "out"), name + "\n");
  EXPECT_FALSE(keys(name));
  wait_until([&] { return std::filesystem::is_empty(data() / "work"); });
  EXPECT_TRUE(std::filesystem::is_empty(data() / "work"));
}

TEST_F(FleetTest, ASupervisorThatIsNotHeardFromIsKilledAndItsEndSaysSo) {
  program("exec sleep 1000");
  Fleet fleet(records_.database(), options());
  fleet.start(
      {{"endpoint",
        {.on_end = give_back(), .on_expiry = {}, .max_silence = std::chrono::milliseconds(400)}},
       {"", {.on_end = give_back(), .on_expiry = {}}}});
  const std::string silent = "endpoint.e.a.1";
  const std::string heard = "endpoint.e.a.2";
  for (const std::string& workload : {silent, heard}) enqueue(workload, catalog::Resources{});
  enqueue("job");
  std::jthread talker([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      fleet.heard_from(heard, "algo-1");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  fleet.wake();
  const pid_t talking = remember_pid(heard);
  remember_pid("job");
  EXPECT_EQ(ends_.wait_for(1).workload, silent);
  EXPECT_THAT(ends_.wait_for(1).reason, HasSubstr("was not heard from for 0.4 s and was killed"));
  EXPECT_TRUE(find_process(talking));
  EXPECT_TRUE(row("job")) << "a kind without a limit may be silent";
  talker.request_stop();
  EXPECT_EQ(ends_.wait_for(2).workload, heard);
}

TEST_F(FleetTest, EachKindHearsOfItsOwnWorkloadsAndAnUnknownOneGivesBack) {
  program("exit 0");
  std::atomic<int> jobs_told = 0;
  std::atomic<int> endpoints_told = 0;
  const auto count = [](std::atomic<int>& told) {
    return [&told](records::Connection&, const SupervisorEnd&) {
      ++told;
      return AfterEnd::GiveBack;
    };
  };
  Fleet fleet(records_.database(), options());
  fleet.start({{"", {.on_end = count(jobs_told), .on_expiry = {}}},
               {"endpoint", {.on_end = count(endpoints_told), .on_expiry = {}}}});
  enqueue("job");
  enqueue("endpoint.churn.AllTraffic.1", catalog::Resources{});
  enqueue("transform.job", 1, 1, now() - std::chrono::seconds(1));
  fleet.wake();
  wait_until(
      [&] { return !row("job") && !row("endpoint.churn.AllTraffic.1") && !row("transform.job"); });
  EXPECT_FALSE(row("transform.job"));
  EXPECT_EQ(jobs_told, 1);
  EXPECT_EQ(endpoints_told, 1);
}

TEST(SupervisorProcess, AReusedNumberIsNotTakenForTheSameProcess) {
  const ProcessId self = find_process(::getpid()).value();
  EXPECT_TRUE(watch_process(self));
  EXPECT_FALSE(watch_process({.pid = self.pid, .started = self.started + 1}));
  EXPECT_FALSE(find_process(0x3fffffff));
}

}  // namespace
}  // namespace millrace::fleet
