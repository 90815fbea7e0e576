#include "platform/identity/keyring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/io/file.h"
#include "core/json/json.h"
#include "platform/records/temporary_database.h"

namespace millrace::identity {
namespace {

using ::testing::MatchesRegex;

class KeyringTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const {
    return records_.directory() / "credentials.json";
  }
  [[nodiscard]] Json written() const { return parse_json(read_file(file()), "credentials.json"); }

  records::TemporaryDatabase records_;
};

TEST_F(KeyringTest, TheFirstStartWritesAKeyThatOnlyTheOwnerCanRead) {
  Keyring keys(records_.database());
  keys.open(file());
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string id = written()["AccessKeyId"];
  const std::string secret = written()["SecretAccessKey"];
  EXPECT_THAT(id, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_EQ(secret.size(), 40U);
  for (int look = 0; look < 2; ++look) {  // the second answer comes from memory
    const aws::Identity identity = keys.find(id).value();
    EXPECT_EQ(identity.secret_key, secret);
    EXPECT_EQ(identity.session_token, "");
    EXPECT_EQ(identity.caller.account, kDefaultAccount);
    EXPECT_EQ(identity.caller.access_key, id);
    EXPECT_EQ(identity.caller.job, "");
    EXPECT_FALSE(identity.caller.supervisor);
    EXPECT_THAT(identity.caller.arn,
                MatchesRegex("arn:aws:sts::[0-9]{12}:assumed-role/[^/]+/[^/]+"));
  }
}

TEST_F(KeyringTest, LaterStartsKeepTheKeyAndRestoreItsFile) {
  { Keyring(records_.database()).open(file()); }
  const Json first = written();
  { Keyring(records_.database()).open(file()); }
  EXPECT_EQ(written(), first);
  std::filesystem::remove(file());
  { Keyring(records_.database()).open(file()); }
  EXPECT_EQ(written(), first);
}

TEST_F(KeyringTest, AnEmptyDatabaseTakesOverTheKeyThatClientsHold) {
  write_file_durably(file(), R"({"AccessKeyId": "AKIAOLD", "SecretAccessKey": "secret"})", 0600);
  Keyring keys(records_.database());
  keys.open(file());
  EXPECT_EQ(keys.find("AKIAOLD").value().secret_key, "secret");
}

TEST_F(KeyringTest, AnUnknownKeyIsAbsent) {
  Keyring keys(records_.database());
  keys.open(file());
  EXPECT_FALSE(keys.find("AKIANOBODY"));
}

TEST_F(KeyringTest, AJobHasTwoTemporaryKeysThatDieWithIt) {
  Keyring keys(records_.database());
  keys.open(file());
  const auto issue = [&] {
    return records_.database().write([](records::Connection& transaction) {
      return Keyring::issue(transaction, {.account = kDefaultAccount}, "Job-1",
                            "arn:aws:iam::999999999999:role/service-role/Trainer");
    });
  };
  const JobKeys made = issue();
  EXPECT_EQ(issue().supervisor.secret_key, made.supervisor.secret_key)
      << "asking twice gives the same keys";

  const aws::Identity supervisor = keys.find(made.supervisor.access_key).value();
  EXPECT_EQ(supervisor.session_token, made.supervisor.session_token);
  EXPECT_EQ(supervisor.caller.job, "job-1");
  EXPECT_TRUE(supervisor.caller.supervisor);
  EXPECT_EQ(supervisor.caller.arn,
            "arn:aws:sts::111122223333:assumed-role/Trainer/millrace-supervisor");
  const aws::Identity program = keys.find(made.program.access_key).value();
  EXPECT_FALSE(program.caller.supervisor);
  EXPECT_EQ(program.caller.job, "job-1");
  EXPECT_EQ(program.caller.arn, "arn:aws:sts::111122223333:assumed-role/Trainer/SageMaker");
  EXPECT_THAT(made.program.access_key, MatchesRegex("ASIA[A-Z2-7]{16}"));
  EXPECT_FALSE(made.program.session_token.empty());

  records_.database().write(
      [](records::Connection& transaction) { Keyring::revoke(transaction, "JOB-1"); });
  EXPECT_FALSE(keys.find(made.supervisor.access_key));
  EXPECT_FALSE(keys.find(made.program.access_key));
}

}  // namespace
}  // namespace millrace::identity
