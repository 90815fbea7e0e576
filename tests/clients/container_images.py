"""Container images made by hand: a static busybox and a few files, exported in the ways that tools export them."""

import gzip
import hashlib
import io
import json
import platform
import shutil
import tarfile

BUSYBOX = shutil.which("busybox", path="/bin:/usr/bin")
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
APPLETS = ["sh", "cat", "dd", "echo", "env", "fallocate", "id", "ls", "mkdir", "nc", "pwd", "sleep", "touch", "tr", "test"]


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Layer:
    """A layer as tar."""

    def __init__(self):
        self.buffer = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.buffer, mode="w")

    def file(self, name, content, mode=0o644):
        data = content if isinstance(content, bytes) else content.encode()
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), mode
        self.tar.addfile(info, io.BytesIO(data))
        return self

    def directory(self, name):
        info = tarfile.TarInfo(name)
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        self.tar.addfile(info)
        return self

    def link(self, name, target, kind=tarfile.SYMTYPE):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        self.tar.addfile(info)
        return self

    def data(self):
        self.tar.close()
        return self.buffer.getvalue()


def base_layer():
    with open(BUSYBOX, "rb") as program:
        layer = Layer().directory("bin").file("bin/busybox", program.read(), 0o755)
    for name in APPLETS:
        layer.link(f"bin/{name}", "busybox")
    layer.directory("etc").file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nml:x:1000:7:ml:/home/ml:/bin/sh\n")
    return layer.directory("home/ml").data()


class Image:
    def __init__(self, layers, architecture=ARCHITECTURE, **process):
        self.layers = layers
        self.config = json.dumps({
            "architecture": architecture, "os": "linux", "config": process,
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}).encode()

    def docker_archive(self, path, tag):
        """As `docker save` wrote it up to version 24."""
        with tarfile.open(path, "w") as archive:
            def add(name, data):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
            names = [f"{digest(layer)[7:]}/layer.tar" for layer in self.layers]
            for name, layer in zip(names, self.layers):
                add(name, layer)
            config = digest(self.config)[7:] + ".json"
            add(config, self.config)
            add("manifest.json", json.dumps([{"Config": config, "RepoTags": [tag], "Layers": names}]).encode())
        return path

    def oci_layout(self, path, name):
        """As `skopeo copy ... oci:` writes it, with gzipped layers; gives the manifest's digest."""
        blobs = path / "blobs" / "sha256"
        blobs.mkdir(parents=True)

        def put(kind, data):
            (blobs / digest(data)[7:]).write_bytes(data)
            return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(data), "size": len(data)}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": put("config.v1+json", self.config),
                    "layers": [put("layer.v1.tar+gzip", gzip.compress(layer, 1)) for layer in self.layers]}
        entry = put("manifest.v1+json", json.dumps(manifest).encode())
        entry["annotations"] = {"org.opencontainers.image.ref.name": name}
        (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return entry["digest"]
