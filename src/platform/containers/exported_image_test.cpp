#include "platform/containers/exported_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/base/error.h"
#include "platform/containers/image_builder_for_test.h"

namespace millrace::containers {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kReference = "org.opencontainers.image.ref.name";

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer) << error.what();
    return error.what();
  }
  return "accepted";
}

class ExportedImageTest : public ::testing::Test {
 protected:
  static ImageParts parts(const std::string& content = "1") {
    const std::string layer = tar(file("a", content));
    return {.tars = {layer}, .stored = {layer}};
  }
  [[nodiscard]] ExportedImage find(const std::string& reference = {},
                                   const Platform& machine = this_platform()) const {
    return find_image(*files_of_directory(layout_), reference, machine);
  }
  static Json named(Json descriptor, const std::string& name) {
    descriptor["annotations"] = {{kReference, name}};
    return descriptor;
  }
  static Json for_platform(Json descriptor, const std::string& architecture) {
    descriptor["platform"] = {{"os", "linux"}, {"architecture", architecture}};
    return descriptor;
  }

  Scratch scratch_;
  const fs::path layout_ = scratch_.path() / "layout";
};

TEST_F(ExportedImageTest, AnOciLayoutNamesManifestConfigurationAndLayers) {
  ImageParts image = parts();
  image.process = {{"Entrypoint", {"/train"}},
                   {"Cmd", nullptr},
                   {"Env", {"A=1", "A=2", "B=x=y"}},
                   {"WorkingDir", "/work"},
                   {"User", "1000:7"}};
  const Json manifest = put_image(layout_, image);
  put_index(layout_, {named(manifest, "3")});
  const ExportedImage found = find();
  EXPECT_EQ(found.digest, manifest["digest"]);
  EXPECT_EQ(found.id, sha256_digest(config_text(image)));
  EXPECT_EQ(found.reference, "3");
  EXPECT_EQ(found.media_type, "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(sha256_digest(found.manifest), found.digest);
  EXPECT_THAT(found.config.entrypoint, ElementsAre("/train"));
  EXPECT_THAT(found.config.environment, ElementsAre(std::pair("A", "2"), std::pair("B", "x=y")));
  EXPECT_EQ(found.config.user, "1000:7");
  ASSERT_EQ(found.layers.size(), 1U);
  EXPECT_EQ(found.layers[0].diff_id, sha256_digest(image.tars[0]));
  EXPECT_FALSE(found.signature_beside);
}

TEST_F(ExportedImageTest, OfSeveralImagesOneIsChosenByName) {
  const Json one = named(put_image(layout_, parts("1")), "one");
  const Json two = named(put_image(layout_, parts("2")), "two");
  put_index(layout_, {one, two, named(one, "also-one")});
  EXPECT_EQ(find("two").digest, two["digest"]);
  EXPECT_EQ(find("also-one").digest, one["digest"]);
  EXPECT_THAT(refusal([&] { (void)find(); }),
              AllOf(HasSubstr("got \"3 images\""), HasSubstr("--ref: one, two, also-one.")));
  EXPECT_THAT(refusal([&] { (void)find("three"); }), HasSubstr("got \"three\""));
  put_index(layout_, {one, named(one, "also-one")});
  EXPECT_EQ(find().digest, one["digest"]) << "one image under two names";
}

TEST_F(ExportedImageTest, ThisMachinesPlatformIsPickedAndOthersRefusedByName) {
  ImageParts foreign = parts("2");
  foreign.architecture = "s390x";
  const Json own = for_platform(put_image(layout_, parts()), this_platform().architecture);
  const Json other = for_platform(put_image(layout_, foreign), "s390x");
  const std::string index =
      Json{{"schemaVersion", 2}, {"manifests", std::vector<Json>{other, own}}}.dump();
  put_index(layout_, {put_blob(layout_, index, "application/vnd.oci.image.index.v1+json")});
  EXPECT_EQ(find().digest, own["digest"]);
  EXPECT_EQ(find({}, {.os = "linux", .architecture = "s390x"}).digest, other["digest"]);
  EXPECT_THAT(refusal([&] { (void)find({}, {.os = "linux", .architecture = "riscv64"}); }),
              AllOf(HasSubstr("got \"linux/s390x, linux/"),
                    HasSubstr("an image for this machine, linux/riscv64")));
  // An index that does not say so is found out by the configuration.
  put_index(layout_, {put_image(layout_, foreign)});
  EXPECT_THAT(refusal([&] { (void)find(); }), HasSubstr("got \"linux/s390x\""));
}

TEST_F(ExportedImageTest, AttestationsAreNoImagesAndSignaturesAreToldOf) {
  const Json image = put_image(layout_, parts());
  Json attestation = put_image(layout_, parts("attested"));
  attestation["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"}};
  const std::string signature = "sha256-" + digest_hex(image["digest"].get<std::string>()) + ".sig";
  put_index(layout_, {image, attestation, named(put_image(layout_, parts("signed")), signature)});
  EXPECT_EQ(find().digest, image["digest"]);
  EXPECT_TRUE(find().signature_beside);
}

TEST_F(ExportedImageTest, DocumentsWithAnotherDigestAreRefused) {
  const Json manifest = put_image(layout_, parts());
  put_index(layout_, {manifest});
  const fs::path blob =
      layout_ / "blobs/sha256" / digest_hex(manifest["digest"].get<std::string>());
  write_text(blob, read_text(blob) + " ");
  EXPECT_THAT(refusal([&] { (void)find(); }),
              HasSubstr("expected the digest " + manifest["digest"].get<std::string>()));
  fs::remove(blob);
  EXPECT_THAT(refusal([&] { (void)find(); }), HasSubstr("a file of this name"));
  // A blob must be in the layout, not behind a link.
  fs::create_symlink("/etc/hostname", blob);
  EXPECT_NE(refusal([&] { (void)find(); }), "accepted");
}

TEST_F(ExportedImageTest, WhatIsNoExportIsRefused) {
  fs::create_directories(layout_);
  EXPECT_THAT(refusal([&] { (void)find(); }), HasSubstr("index.json (an OCI layout)"));
  EXPECT_THAT(refusal([&] { (void)files_of_directory(layout_ / "absent"); }),
              HasSubstr("option --oci-layout"));
  EXPECT_THAT(refusal([&] { (void)files_of_archive(layout_ / "absent"); }),
              HasSubstr("option --docker-archive"));
  EXPECT_THAT(refusal([&] { (void)files_of_archive(layout_); }),
              HasSubstr("given with --oci-layout"));
  write_text(scratch_.path() / "packed", "\x1f\x8b\x08 and so on");
  EXPECT_THAT(refusal([&] { (void)files_of_archive(scratch_.path() / "packed"); }),
              HasSubstr("Unpack it first: gunzip"));
}

/// As `docker save` wrote it up to version 24.
std::string old_archive(const ImageParts& image, const std::string& tags) {
  const std::string config = config_text(image);
  const std::string name = digest_hex(sha256_digest(config)) + ".json";
  return file(name, config) + directory("aa") + file("aa/layer.tar", image.stored[0]) +
         file("manifest.json", R"([{"Config":")" + name + R"(","RepoTags":)" + tags +
                                   R"(,"Layers":["aa/layer.tar"]}])");
}

TEST_F(ExportedImageTest, OldDockerArchivesAreRead) {
  const fs::path path = scratch_.path() / "old.tar";
  const ImageParts image = parts();
  write_text(path, tar(old_archive(image, R"(["churn:3"])")));
  const auto files = files_of_archive(path);
  const ExportedImage found = find_image(*files, "", this_platform());
  EXPECT_EQ(found.id, sha256_digest(config_text(image)));
  EXPECT_EQ(found.digest, found.id) << "there is no manifest that a registry would know";
  EXPECT_EQ(found.reference, "churn:3");
  ASSERT_EQ(found.layers.size(), 1U);
  EXPECT_EQ(found.layers[0].size, image.stored[0].size());
  EXPECT_EQ(find_image(*files, "churn:3", this_platform()).id, found.id);
  EXPECT_THAT(refusal([&] { (void)find_image(*files, "churn:4", this_platform()); }),
              HasSubstr("--ref: churn:3."));
}

TEST_F(ExportedImageTest, ALayerThatImagesShareMayBeALink) {
  const ImageParts image = parts();
  const std::string config = config_text(image);
  const fs::path path = scratch_.path() / "shared.tar";
  write_text(
      path,
      tar(file("aa/layer.tar", image.stored[0]) + symbolic_link("bb/layer.tar", "../aa/layer.tar") +
          symbolic_link("cc/layer.tar", "../../../etc/hostname") + file("c.json", config) +
          file("manifest.json",
               R"([{"Config":"c.json","RepoTags":null,"Layers":["bb/layer.tar"]}])")));
  const auto files = files_of_archive(path);
  EXPECT_EQ(find_image(*files, "", this_platform()).layers[0].size, image.stored[0].size());
  EXPECT_FALSE(files->open("cc/layer.tar"));
}

TEST_F(ExportedImageTest, NewDockerArchivesAreLayoutsAndReadAsSuch) {
  const ImageParts image = parts();
  const Json manifest = put_image(layout_, image);
  Json named_manifest = manifest;
  named_manifest["annotations"] = {{"io.containerd.image.name", "docker.io/library/churn:3"},
                                   {kReference, "3"}};
  put_index(layout_, {named_manifest});
  std::string members = old_archive(image, R"(["churn:3"])");
  for (const auto& entry : fs::recursive_directory_iterator(layout_)) {
    if (entry.is_regular_file())
      members += file(entry.path().lexically_relative(layout_).string(), read_text(entry.path()));
  }
  write_text(scratch_.path() / "new.tar", tar(members));
  const auto files = files_of_archive(scratch_.path() / "new.tar");
  for (const char* reference : {"", "churn:3", "docker.io/library/churn:3", "3"}) {
    const ExportedImage found = find_image(*files, reference, this_platform());
    EXPECT_EQ(found.digest, manifest["digest"]) << reference;
    EXPECT_EQ(found.layers[0].digest, sha256_digest(image.stored[0]));
  }
}

TEST_F(ExportedImageTest, AnArchiveThatIsCutOffIsRefused) {
  const std::string whole = tar(old_archive(parts(), R"(["churn:3"])"));
  const fs::path path = scratch_.path() / "cut.tar";
  write_text(path, whole.substr(0, 600));
  EXPECT_THAT(refusal([&] { (void)files_of_archive(path); }), HasSubstr("cut off"));
}

TEST(ImageDocuments, FormsThatAreNoneAreRefusedByName) {
  const auto manifest = [](const std::string& text) {
    return refusal([&] { (void)parse_manifest(text, "index.json"); });
  };
  EXPECT_THAT(manifest("{}"), HasSubstr("index.json, member 'config'"));
  EXPECT_THAT(manifest("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(manifest(R"({"fsLayers": []})"), HasSubstr("schema 1"));
  EXPECT_THAT(manifest(R"({"manifests": [{"digest": "sha256:../../x", "size": 1}]})"),
              HasSubstr("entry 1, member 'digest': got \"sha256:../../x\""));
  EXPECT_THAT(manifest(R"({"manifests": 1})"), HasSubstr("a list"));
  EXPECT_THAT(
      manifest(R"({"config": {"digest": "sha256:)" + std::string(64, 'a') + R"(", "size": -1}})"),
      HasSubstr("member 'size': got \"-1\", expected a number of bytes"));
  const auto config = [](const std::string& text) {
    return refusal([&] { (void)parse_config(text, "config"); });
  };
  EXPECT_THAT(config("{}"), HasSubstr("'os' and 'architecture'"));
  const std::string start = R"({"os": "linux", "architecture": "amd64")";
  EXPECT_THAT(config(start + "}"), HasSubstr("member 'rootfs'"));
  EXPECT_THAT(config(start + R"(, "config": {"Env": ["=x"]}})"), HasSubstr("NAME=value"));
  EXPECT_THAT(config(start + R"(, "config": {"Entrypoint": "sh"}})"),
              HasSubstr("member 'Entrypoint': got \"\"sh\"\", expected a list"));
  EXPECT_THAT(config(start + R"(, "rootfs": {"diff_ids": ["md5:1"]}})"), HasSubstr("md5:1"));
  EXPECT_THAT(refusal([&] { (void)parse_saved_images("[]", "manifest.json"); }),
              HasSubstr("a list of images"));
}

}  // namespace
}  // namespace millrace::containers
