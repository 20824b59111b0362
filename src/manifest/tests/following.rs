//! What the search says of places is enough for a watcher: whatever could lead to other manifests is told.
#![expect(clippy::disallowed_methods, reason = "the tests edit files as other programs do")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt as _;

use crate::manifest::values::Values;
use crate::manifest::{Incremental, is_manifest};
use crate::platform::time::wall;
use crate::platform::watcher::Watcher;

/// A watcher over real files; what it follows is what the manifests below these paths lead to.
struct Following {
    watcher: Watcher,
    paths: Vec<PathBuf>,
}

impl Following {
    fn of(paths: &[PathBuf]) -> Self {
        let watcher = Watcher::new(&[], is_manifest).unwrap();
        let mut following = Self { watcher, paths: paths.to_vec() };
        following.look();
        following
    }

    fn look(&mut self) {
        self.watcher.renew(false);
        let mut manifests = Incremental::new(self.paths.clone(), Values::default());
        self.watcher.follow(manifests.look(wall()).places).unwrap();
    }

    /// Does it, and waits until it is told; then looks until nothing stirs any more.
    async fn hears(&mut self, what: &str, act: impl FnOnce()) {
        self.comes_to_rest().await;
        act();
        let told = tokio::time::timeout(Duration::from_mins(1), self.watcher.stirred()).await;
        assert!(told.is_ok(), "{what} is not told");
        self.look();
    }

    async fn comes_to_rest(&mut self) {
        while tokio::time::timeout(Duration::from_millis(100), self.watcher.stirred()).await.is_ok() {
            self.look();
        }
    }
}

/// A folder to play in, by its real path.
fn playground() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let real = std::fs::canonicalize(folder.path()).unwrap();
    (folder, real)
}

/// Points a link to another target, in one step.
fn turn(link: &Path, target: &str) {
    let beside = link.parent().unwrap().join("turning");
    symlink(target, &beside).unwrap();
    std::fs::rename(beside, link).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_followed_again() {
    let (_folder, root) = playground();
    let (root, file) = (root.join("m"), root.join("m/deep/a.yaml"));
    let mut following = Following::of(std::slice::from_ref(&root));
    for text in ["one", "two"] {
        following.hears("the new folder", || std::fs::create_dir_all(root.join("deep")).unwrap()).await;
        following.hears("a file in it", || std::fs::write(&file, text).unwrap()).await;
        following.hears("its end", || std::fs::remove_dir_all(&root).unwrap()).await;
    }
}

/// As `git-sync` and many deployments do it.
#[tokio::test]
async fn a_link_above_what_is_named_is_followed_when_it_turns() {
    let (_folder, place) = playground();
    for release in ["1", "2"] {
        std::fs::create_dir_all(place.join(release).join("m")).unwrap();
        std::fs::write(place.join(release).join("m/a.yaml"), release).unwrap();
    }
    symlink("1", place.join("current")).unwrap();
    let mut following = Following::of(&[place.join("current/m")]);
    for release in ["2", "1", "2"] {
        following.hears("the turn", || turn(&place.join("current"), release)).await;
        let file = place.join(release).join("m/a.yaml");
        following.hears("a change behind it", || std::fs::write(&file, "another").unwrap()).await;
    }
}

/// One file of a Kubernetes volume, named by itself.
#[tokio::test]
async fn a_file_behind_a_link_beside_it_is_followed_when_that_turns() {
    let (_folder, place) = playground();
    for version in ["..1", "..2"] {
        std::fs::create_dir(place.join(version)).unwrap();
        std::fs::write(place.join(version).join("a.yaml"), version).unwrap();
    }
    symlink("..1", place.join("..data")).unwrap();
    symlink("..data/a.yaml", place.join("a.yaml")).unwrap();
    let mut following = Following::of(&[place.join("a.yaml")]);
    following.hears("the turn", || turn(&place.join("..data"), "..2")).await;
    let file = place.join("..2/a.yaml");
    following.hears("a change behind it", || std::fs::write(&file, "another").unwrap()).await;
}

#[tokio::test]
async fn a_folder_is_followed_on_when_one_of_two_ways_to_it_goes() {
    let (_folder, root) = playground();
    std::fs::create_dir(root.join("deep")).unwrap();
    symlink("deep", root.join("link")).unwrap();
    let mut following = Following::of(std::slice::from_ref(&root));
    following.hears("the end of the link", || std::fs::remove_file(root.join("link")).unwrap()).await;
    following.hears("a file", || std::fs::write(root.join("deep/a.yaml"), "one").unwrap()).await;
}

#[tokio::test]
async fn a_file_that_is_named_beside_its_folder_takes_nothing_away_from_it() {
    let (_folder, root) = playground();
    std::fs::create_dir_all(root.join("deep")).unwrap();
    std::fs::write(root.join("deep/a.yaml"), "one").unwrap();
    let mut following = Following::of(&[root.clone(), root.join("deep/a.yaml")]);
    following.hears("a folder", || std::fs::create_dir(root.join("deep/er")).unwrap()).await;
    following.hears("a file in it", || std::fs::write(root.join("deep/er/b.yaml"), "one").unwrap()).await;
}

#[tokio::test]
async fn a_tree_that_is_moved_in_is_followed_to_its_depth_and_one_that_is_moved_out_is_not() {
    let (_folder, place) = playground();
    let (root, outside) = (place.join("m"), place.join("outside"));
    std::fs::create_dir(&root).unwrap();
    std::fs::create_dir_all(outside.join("b/c/d")).unwrap();
    let mut following = Following::of(std::slice::from_ref(&root));
    following.hears("the tree", || std::fs::rename(&outside, root.join("a")).unwrap()).await;
    let file = root.join("a/b/c/d/a.yaml");
    following.hears("a file in its depth", || std::fs::write(&file, "one").unwrap()).await;
    following.hears("its way out", || std::fs::rename(root.join("a"), &outside).unwrap()).await;
    following.comes_to_rest().await;
    std::fs::write(outside.join("b/c/d/a.yaml"), "two").unwrap();
    std::fs::write(outside.join("b/b.yaml"), "two").unwrap();
    assert!(following.watcher.stirred().now_or_never().is_none());
    following.hears("the root itself", || std::fs::write(root.join("a.yaml"), "one").unwrap()).await;
}
