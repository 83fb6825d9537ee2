//! A disk of a few megabytes, for tests in which it is full.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A file system in memory. A process of its own has it mounted, where nobody else sees it, and ends with this.
pub(crate) struct SmallDisk {
    mounting: Child,
    folder: PathBuf,
    _mount_point: TempDir,
}

impl SmallDisk {
    /// Mounts a disk. `None` where the system does not let a process have mounts of its own.
    pub(crate) fn mount(megabytes: u32) -> Option<Self> {
        let mount_point = tempfile::tempdir().expect("a folder");
        let script = "mount -t tmpfs -o size=$1m tmpfs \"$0\" && echo mounted && exec cat";
        let mut mounting = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
            .arg(mount_point.path())
            .arg(megabytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`unshare` of util-linux");
        let mut said = String::new();
        let output = mounting.stdout.as_mut().expect("a pipe");
        BufReader::new(output).read_line(&mut said).expect("reads");
        let folder = format!("/proc/{}/root{}", mounting.id(), mount_point.path().display()).into();
        let disk = Self { mounting, folder, _mount_point: mount_point };
        if said == "mounted\n" {
            return Some(disk);
        }
        eprintln!("not tested: this system does not let `unshare --user --mount` mount a file system");
        None
    }

    /// Makes a folder on the small disk, and a symbolic link to it outside of the disk.
    pub(crate) fn link(&self, link: &Path) {
        let name = link.file_name().expect("a name");
        std::fs::create_dir_all(self.folder.join(name)).expect("a folder");
        std::os::unix::fs::symlink(self.folder.join(name), link).expect("a link");
    }

    /// How many bytes are free.
    pub(crate) fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(&self.folder).expect("a disk");
        disk.f_bavail * disk.f_frsize
    }

    /// Writes a file that leaves so many bytes free, and returns its path.
    pub(crate) fn fill(&self, left: u64) -> PathBuf {
        let path = self.folder.join("filler");
        let mut file = std::fs::File::create(&path).expect("a file");
        while self.free() > left {
            file.write_all(&[0; 4096]).expect("has room");
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.mounting.kill());
        drop(self.mounting.wait());
    }
}
