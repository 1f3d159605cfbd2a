//! Members of a classic consumer group.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context, Result};

use crate::client::Connection;
use crate::wire::{self, api, Reader, Writer};

const SESSION_TIMEOUT_MS: i32 = 45_000;
const REBALANCE_TIMEOUT_MS: i32 = 60_000;
const DEADLINE: Duration = Duration::from_secs(110);
const RETRY: Duration = Duration::from_millis(20);
const GROUP: i8 = 0;
pub const NOT_YET: [i16; 3] =
    [wire::COORDINATOR_LOAD_IN_PROGRESS, wire::COORDINATOR_NOT_AVAILABLE, wire::NOT_COORDINATOR];

/// Ask for a group's coordinator until there is one.
pub fn find_coordinator(connection: &mut Connection, group: &str) -> Result<()> {
    until_ready(|| {
        let answer = connection.call(api::FIND_COORDINATOR, |request| {
            request.string(group).i8(GROUP);
        })?;
        let mut reader = Reader::new(&answer);
        reader.i32()?; // throttle
        reader.i16()
    })
    .context("FindCoordinator")
}

/// Repeat while the error code says that the coordinator is not ready.
pub fn until_ready(mut attempt: impl FnMut() -> Result<i16>) -> Result<()> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let error_code = attempt()?;
        if !NOT_YET.contains(&error_code) || Instant::now() > deadline {
            return wire::check(error_code, || "the coordinator".into());
        }
        thread::sleep(RETRY);
    }
}

/// One member, with its own connection to the coordinator.
pub struct Member {
    connection: Connection,
    group: String,
    topic: String,
    member_id: String,
    generation_id: i32,
}

impl Member {
    fn new(bootstrap: &str, group: &str, topic: &str) -> Result<Self> {
        let mut connection = Connection::open(bootstrap)?;
        find_coordinator(&mut connection, group)?;
        let (group, topic) = (group.to_owned(), topic.to_owned());
        Ok(Member { connection, group, topic, member_id: String::new(), generation_id: -1 })
    }

    /// Join the next generation; the leader gets the ids of all members, others none.
    fn join(&mut self) -> Result<Vec<String>> {
        for _ in 0..2 {
            let answer = self.connection.call(api::JOIN_GROUP, |request| {
                request.string(&self.group).i32(SESSION_TIMEOUT_MS).i32(REBALANCE_TIMEOUT_MS);
                request.string(&self.member_id).null_string().string("consumer");
                request.array(1).string("range").bytes(&subscription(&self.topic));
            })?;
            let mut reader = Reader::new(&answer);
            reader.i32()?; // throttle
            let error_code = reader.i16()?;
            self.generation_id = reader.i32()?;
            reader.string()?; // protocol_name
            reader.string()?; // leader
            self.member_id = reader.string()?.to_owned();
            if error_code == wire::MEMBER_ID_REQUIRED {
                continue;
            }
            wire::check(error_code, || format!("JoinGroup {}", self.group))?;
            let mut members = Vec::new();
            for _ in 0..reader.array()? {
                members.push(reader.string()?.to_owned());
                reader.string()?; // group_instance_id
                reader.bytes()?; // metadata
            }
            reader.finish()?;
            return Ok(members);
        }
        bail!("JoinGroup {}: a member id was required twice", self.group)
    }

    /// Take (and as the leader give) the assignment; false: the members are to join again.
    fn sync(&mut self, members: &[String]) -> Result<bool> {
        let answer = self.connection.call(api::SYNC_GROUP, |request| {
            request.string(&self.group).i32(self.generation_id).string(&self.member_id);
            request.null_string().array(members.len());
            for (partition, member) in (0..).zip(members) {
                request.string(member).bytes(&assignment(&self.topic, partition));
            }
        })?;
        let mut reader = Reader::new(&answer);
        reader.i32()?; // throttle
        stable(reader.i16()?, "SyncGroup")
    }

    /// Say that the member lives; false: the members are to join again.
    pub fn heartbeat(&mut self) -> Result<bool> {
        let answer = self.connection.call(api::HEARTBEAT, |request| {
            request.string(&self.group).i32(self.generation_id).string(&self.member_id);
            request.null_string();
        })?;
        let mut reader = Reader::new(&answer);
        reader.i32()?; // throttle
        stable(reader.i16()?, "Heartbeat")
    }

    pub fn leave(mut self) -> Result<()> {
        let answer = self.connection.call(api::LEAVE_GROUP, |request| {
            request.string(&self.group).array(1).string(&self.member_id).null_string();
        })?;
        let mut reader = Reader::new(&answer);
        reader.i32()?; // throttle
        wire::check(reader.i16()?, || "LeaveGroup".into())?;
        for _ in 0..reader.array()? {
            reader.string()?;
            reader.string()?;
            wire::check(reader.i16()?, || "LeaveGroup of a member".into())?;
        }
        reader.finish()
    }
}

fn stable(error_code: i16, what: &str) -> Result<bool> {
    if [wire::REBALANCE_IN_PROGRESS, wire::ILLEGAL_GENERATION].contains(&error_code) {
        return Ok(false);
    }
    wire::check(error_code, || what.into())?;
    Ok(true)
}

fn subscription(topic: &str) -> Vec<u8> {
    let mut writer = Writer::fragment();
    writer.i16(0).array(1).string(topic).i32(-1); // version, topics, no user data
    writer.into_fragment()
}

fn assignment(topic: &str, partition: i32) -> Vec<u8> {
    let mut writer = Writer::fragment();
    writer.i16(0).array(1).string(topic).array(1).i32(partition).i32(-1);
    writer.into_fragment()
}

/// A group in which all members came together.
pub struct Gathered {
    pub members: Vec<Member>,
    /// From the first JoinGroup to the last SyncGroup of the generation with all members.
    pub seconds: f64,
    pub generation_id: i32,
}

/// Let so many members join at once, and again until one generation has them all.
pub fn gather(
    bootstrap: &str,
    group: &str,
    topic: &str,
    count: usize,
    heartbeat: Duration,
) -> Result<Gathered> {
    let members = (0..count).map(|_| Member::new(bootstrap, group, topic));
    let members: Vec<Member> = members.collect::<Result<_>>()?;
    let gathering = Gathering {
        count,
        heartbeat,
        began: Instant::now(),
        generations: Mutex::new(HashMap::new()),
        complete: Mutex::new(None),
        failed: AtomicBool::new(false),
    };
    let members = thread::scope(|scope| {
        let workers: Vec<_> =
            members.into_iter().map(|member| scope.spawn(|| gathering.guard(member))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a member does not panic"))
            .collect::<Result<Vec<Member>>>()
    })?;
    let complete = gathering.complete.into_inner().expect("no member panicked");
    let (generation_id, seconds) = complete.context("the group is not complete")?;
    Ok(Gathered { members, seconds, generation_id })
}

/// What the members that gather know of each other.
struct Gathering {
    count: usize,
    heartbeat: Duration,
    began: Instant,
    /// By generation: how many members it has, once its leader knows, and how many synced.
    generations: Mutex<HashMap<i32, (usize, usize)>>,
    /// The generation with all members, and when its last member synced.
    complete: Mutex<Option<(i32, f64)>>,
    failed: AtomicBool,
}

impl Gathering {
    fn guard(&self, member: Member) -> Result<Member> {
        let result = self.run(member);
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }

    fn run(&self, mut member: Member) -> Result<Member> {
        loop {
            let members = member.join()?;
            if !member.sync(&members)? {
                continue;
            }
            self.synced(member.generation_id, members.len());
            loop {
                if self.complete.lock().expect("no member panicked").is_some() {
                    return Ok(member);
                }
                let late = self.began.elapsed() > DEADLINE;
                ensure!(!late && !self.failed.load(Ordering::Relaxed), "the group stayed apart");
                thread::sleep(self.heartbeat);
                if !member.heartbeat()? {
                    break;
                }
            }
        }
    }

    fn synced(&self, generation_id: i32, members: usize) {
        let mut generations = self.generations.lock().expect("no member panicked");
        let (size, synced) = generations.entry(generation_id).or_default();
        *size = (*size).max(members);
        *synced += 1;
        if *size == self.count && *synced == self.count {
            let seconds = self.began.elapsed().as_secs_f64();
            *self.complete.lock().expect("no member panicked") = Some((generation_id, seconds));
        }
    }
}
