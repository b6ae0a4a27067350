//! R16: bits that flip and files that break off. A wrong token is never believed.

use crate::support::{
    Age, Grant, World,
    figures::{reduced, report},
    judge::judge,
    provider::Registration,
    server::Setup,
    text,
};
use broker::{
    ports::{Randomness as _, SeededRandomness},
    seeding::stored_tokens,
};
use rand::{Rng, RngExt as _};
use serde_json::json;
use std::{
    collections::HashMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};
use storage_sqlite::SqliteStorage;

/// Damages are the same in every run.
const SEED: u64 = 16;

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// One bit is the other way round.
    Flip { byte: usize, bit: u8 },
    /// The file ends here.
    Truncate(usize),
}

impl Damage {
    /// One in five breaks the file off. Places are within `range`.
    fn random(range: &Range<usize>, rng: &mut impl Rng) -> Self {
        let byte = rng.random_range(range.clone());
        if rng.random_range(0..5) == 0 {
            Self::Truncate(byte)
        } else {
            let bit = rng.random_range(0..8);
            Self::Flip { byte, bit }
        }
    }

    fn of(self, sound: &[u8]) -> Vec<u8> {
        let mut bytes = sound.to_vec();
        match self {
            Self::Flip { byte, bit } => bytes[byte] ^= 1 << bit,
            Self::Truncate(length) => bytes.truncate(length),
        }
        bytes
    }
}

/// What came of damages.
#[derive(Debug, Default)]
struct Count {
    /// Start-up, reading or `doctor` said so.
    detected: usize,
    /// Nothing that is kept was hit: all tokens are what they were.
    harmless: usize,
    /// Tokens that are not what was stored, or are gone without a word.
    wrong: Vec<String>,
}

/// R16: the database. Every token that still opens is the one that was sealed; what does not open is told.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r16_a_damaged_database_yields_no_wrong_token() {
    let damages = reduced(60, 1500);
    let world = World::shared().await;
    let grants = world.seed(Registration::Legacy, 40, Age::fresh()).await;
    let sound = fs::read(world.data().join("tokenry.db")).expect("the database");
    let mut rng = SeededRandomness::new(SEED).rng();
    let mut count = Count::default();
    for number in 0..damages {
        let damage = Damage::random(&(0..sound.len()), &mut rng);
        let copy = world.folder().join(format!("damaged-{number}"));
        fs::create_dir(&copy).expect("a folder");
        fs::copy(world.data().join("root.key"), copy.join("root.key")).expect("a copy");
        fs::write(copy.join("tokenry.db"), damage.of(&sound)).expect("a database");
        examine(&world, &copy, &grants, damage, &mut count).await;
        fs::remove_dir_all(&copy).expect("the copy can be removed");
    }
    report(&format!(
        "R16 (database): damages={damages} detected={} harmless={} wrong={}",
        count.detected,
        count.harmless,
        count.wrong.len()
    ));
    assert!(count.wrong.is_empty(), "{:#?}", count.wrong);
    assert!(count.detected > damages / 4, "{count:?}");
}

async fn examine(world: &World, data: &Path, grants: &[Grant], damage: Damage, count: &mut Count) {
    let Ok(house) = world.open_at(data).await else {
        count.detected += 1;
        return;
    };
    let read = stored_tokens(&*house.storage, house.broker.seeding_vault()).await;
    house.storage.close().await;
    let Ok(read) = read else {
        count.detected += 1;
        return;
    };
    let opened: HashMap<_, _> = read
        .iter()
        .filter_map(|one| one.as_ref().ok())
        .map(|one| (one.grant, one))
        .collect();
    let mut intact = 0;
    for grant in grants {
        let Some(tokens) = opened.get(&grant.id) else {
            continue;
        };
        let same = text(tokens.access_token.as_ref()).as_deref() == Some(&grant.access_token)
            && text(tokens.refresh_token.as_ref()).as_deref() == Some(&grant.refresh_token);
        if same {
            intact += 1;
        } else {
            count.wrong.push(format!("{damage:?}: {}", grant.id));
        }
    }
    let told = read.iter().any(Result::is_err);
    if intact == grants.len() {
        count.harmless += 1;
    } else if told {
        count.detected += 1;
    } else {
        count
            .wrong
            .push(format!("{damage:?}: grants are gone without a word"));
    }
}

/// R16: the journal of a process that died with answers in it. A damaged answer counts as lost and is told; it is
/// never taken for another.
#[tokio::test(flavor = "multi_thread")]
async fn fault_r16_a_damaged_journal_yields_no_wrong_token() {
    let damages = reduced(10, 120);
    let world = World::shared().await;
    let grants = world.seed(Registration::Legacy, 12, Age::due()).await;
    let mut server = world
        .serve(Setup {
            config: "refresh.concurrent_requests = 1",
            failpoints: "refresh.after_journal=abort@4",
            ..Setup::default()
        })
        .await;
    server.process.wait(Duration::from_mins(1)).await;
    // From here on the provider is down: what is stored now is what there is.
    world
        .provider
        .behave(json!({"answer": {"status": 503}}))
        .await;
    let scene = Scene::keep(&world).await;
    let mut rng = SeededRandomness::new(SEED).rng();
    let (mut flagged, mut recovered, mut wrong) = (0, 0, Vec::new());
    for _ in 0..damages {
        let damage = Damage::random(&scene.written, &mut rng);
        scene.set(&damage.of(&scene.sound));
        let mut server = world.serve(Setup::default()).await;
        // The journal of the dead is worked off before the first token is answered, or soon after.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        server.process.end().await;
        let verdict = judge(&world, &grants).await;
        flagged += verdict.flagged.len();
        recovered += usize::from(verdict.flagged.is_empty());
        if !verdict.lost.is_empty() || !verdict.dead.is_empty() {
            wrong.push(format!("{damage:?}: {verdict:?}"));
        }
    }
    report(&format!(
        "R16 (journal): damages={damages} answer_recovered={recovered} answer_flagged_lost={flagged} wrong={}",
        wrong.len()
    ));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        flagged + recovered,
        damages,
        "each answer is either recovered or flagged"
    );
    assert!(flagged > 0 && recovered > 0);
}

/// A data folder with a dead process's journal, to be brought back as often as needed. The journal stays the same
/// file to the file system: a copy would look like a restored backup.
struct Scene {
    data: PathBuf,
    database: Vec<u8>,
    journal: PathBuf,
    kept: PathBuf,
    sound: Vec<u8>,
    /// Where the journal holds something.
    written: Range<usize>,
}

impl Scene {
    async fn keep(world: &World) -> Self {
        let data = world.data();
        fold_log(&data).await;
        let mut journals = fs::read_dir(data.join("journal"))
            .expect("the journals")
            .map(|entry| entry.expect("an entry").path());
        let journal = journals.next().expect("the journal of the dead");
        assert_eq!(journals.next(), None, "one process has died");
        let kept = world.folder().join("kept.journal");
        fs::hard_link(&journal, &kept).expect("a second name");
        let sound = fs::read(&journal).expect("the journal");
        let last = sound
            .iter()
            .rposition(|byte| *byte != 0)
            .expect("a written byte");
        Self {
            database: fs::read(data.join("tokenry.db")).expect("the database"),
            data,
            journal,
            kept,
            sound,
            written: 0..last + 1,
        }
    }

    /// Everything as it was, but for the journal's content.
    fn set(&self, journal: &[u8]) {
        for beside in ["tokenry.db-wal", "tokenry.db-shm"] {
            drop(fs::remove_file(self.data.join(beside)));
        }
        fs::write(self.data.join("tokenry.db"), &self.database).expect("the database");
        let folder = self.data.join("journal");
        for entry in fs::read_dir(&folder).expect("the journals") {
            fs::remove_file(entry.expect("an entry").path()).expect("an old journal");
        }
        fs::write(&self.kept, journal).expect("the journal");
        fs::hard_link(&self.kept, &self.journal).expect("its first name");
    }
}

/// Puts the write-ahead log of a killed server into the database file, without anything that a start does besides.
async fn fold_log(data: &Path) {
    let storage = SqliteStorage::open_file(data.join("tokenry.db"))
        .await
        .expect("the database opens");
    storage.close().await;
}
