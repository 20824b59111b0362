//! The page of a watch, driven in a real browser: what a person sees and does, against the real program.

use super::browser::{DESK, PHONE, key};
use super::emulator::Emulator;
use super::looking::{Looking, row, texts};
use super::scenario::Connector;
use super::site::Site;
use super::watching::Watching;

const REPORT: [&str; 6] = ["--listen", "127.0.0.1:0", "--mode", "report", "--resync", "200ms"];

fn one(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

/// So many, with names that sort as they count.
fn many(count: usize, version: u32) -> Vec<Connector> {
    (0..count).map(|number| one(&format!("c{number:05}"), version)).collect()
}

/// A site where `applied` is live and recorded, and `declared` is in the manifests.
fn site(applied: &[Connector], declared: &[Connector]) -> Site {
    let site = Site::new();
    site.declare(applied);
    let emulator = Emulator::start(site.path(), &[]);
    site.run(emulator.url(), &["apply", "--yes"]).exits(0);
    emulator.stop().exits(0);
    site.declare(declared);
    site
}

/// A watch over such a site.
fn watching(site: Site, service: &[&str], flags: &[&str]) -> Watching {
    let emulator = Emulator::start(site.path(), service);
    Watching::over(site, emulator, flags)
}

#[test]
fn every_file_of_the_page_is_in_the_program() {
    let watching = Watching::start(&[one("a", 1)], &REPORT);
    let looking = Looking::at(watching.watch(), DESK).live();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dashboard/page");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let path = if name == "index.html" { String::new() } else { format!("page/{name}") };
        let status = looking.browser.value(&format!("(await fetch('{path}')).status"));
        assert_eq!(status, 200, "{name} is not in ASSETS of src/dashboard/page.rs");
    }
    looking.is_clean();
}

#[test]
fn a_filter_shows_what_it_names_and_its_address_can_be_shared() {
    let site = site(&[one("a", 1), one("b", 1)], &[one("a", 1), one("b", 2), one("new", 1)]);
    let watching = watching(site, &[], &REPORT);
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    // What differs comes first.
    looking.until_names(&["b", "new", "a"]);
    let number = |state: &str| {
        browser.value(&format!("document.querySelector('.chip[data-state={state}] .number').textContent"))
    };
    assert_eq!(
        (number("all"), number("pending"), number("asDeclared")),
        ("3".into(), "2".into(), "1".into())
    );

    browser.click(".chip[data-state=pending]");
    looking.until_names(&["b", "new"]);
    assert_eq!(browser.value("location.hash"), "#state=pending");
    assert_eq!(browser.value("document.querySelector('.chip[data-state=pending]').ariaPressed"), "true");
    browser.click("#query");
    // Every word must occur: of the identity, and of the field that differs.
    browser.type_in("orders: JARURL");
    looking.until_names(&["b"]);
    browser.until("document.getElementById('shown').textContent === '1 of 3 resources'");
    browser.until("location.hash === '#state=pending&q=orders%3A+JARURL'");
    // Whoever is given the address sees the same.
    browser.reload();
    browser.until("document.body.dataset.link === 'live'");
    looking.until_names(&["b"]);
    browser.click("#clear");
    looking.until_names(&["b", "new", "a"]);
    assert_eq!(browser.value("location.hash"), "");
    browser.click("#query");
    browser.type_in("nothing like this");
    browser.until("document.getElementById('nothing').textContent === 'No resource matches the filter.'");
    looking.is_clean();
}

#[test]
fn an_opened_object_shows_what_is_planned_where_it_is_declared_and_what_happened() {
    let watching = watching(site(&[one("a", 1)], &[one("a", 2)]), &[], &REPORT);
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    looking.until_names(&["a"]);
    browser.click(".row");
    browser.until("document.querySelector('[data-part=history] li')");
    let part = |name: &str| {
        let shown = browser.value(&format!("document.querySelector('[data-part={name}]').innerText"));
        shown.as_str().unwrap().to_owned()
    };
    let diff = part("diff");
    assert!(diff.contains("does not carry this out"), "{diff}");
    // The column says it, not only the colour.
    let lines =
        browser.value("[...document.querySelectorAll('.diff .line')].map((line) => line.textContent)");
    let lines = texts(&lines);
    for wanted in ["- jarUrl : \"oss://jars/a-1.jar\"", "+ jarUrl : \"oss://jars/a-2.jar\""] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted}: {lines:#?}");
    }
    assert_eq!(browser.value("document.querySelector('.diff .add mark').textContent"), "2");
    let facts = part("facts");
    assert!(facts.contains("manifests/all.yaml:2") && facts.contains("w:orders:a"), "{facts}");
    assert!(part("history").contains("update planned"), "{}", part("history"));
    assert_eq!(browser.value("location.hash"), "#open=FlinkConnector/a");
    // The way back is the browser's.
    browser.run("history.back()");
    browser.until("document.getElementById('detail').hidden");
    looking.is_clean();
}

/// One page, never loaded again: drift appears, the watch is stopped, another one puts it right.
#[test]
fn a_drift_appears_and_is_corrected_while_the_page_is_open() {
    let declared = [one("a", 1), one("b", 1)];
    let site = site(&declared, &declared);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let common = ["--listen", listen.as_str(), "--resync", "200ms"];
    let watching = watching(site, &[], &[&common[..], &["--mode", "report"]].concat());
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    looking.until_row_says("a", "As declared");
    browser.run("window.loadedOnce = true");

    // Somebody with a state of their own changes it behind the back of this one.
    let stranger = watching.site.copy(false);
    stranger.declare(&[one("a", 2), one("b", 1)]);
    stranger.run(watching.emulator.url(), &["apply", "--yes"]).exits(0);
    looking.until_row_says("a", "Drifted");
    // For a moment it may have been seen between the two halves of the stranger's change.
    let words = format!("{}?.querySelector('.drift')?.textContent", row("a"));
    browser.until(&format!("{words} === 'supportedFormats drifted'"));
    assert_eq!(looking.names(), ["a", "b"]);
    browser.until("document.title.startsWith('1 drifted')");

    let (site, emulator) = watching.leave("TERM");
    browser.until("document.body.dataset.link === 'lost' && !document.getElementById('lost').hidden");
    browser.picture("lost");
    let watching = Watching::over(site, emulator, &common);
    looking.until_row_says("a", "As declared");
    browser.until("document.getElementById('lost').hidden");
    browser.press(&["a"]);
    browser.until("document.getElementById('moments').innerText.includes('update done')");
    assert_eq!(browser.value("window.loadedOnce"), true);
    watching.until_live(&declared);
}

#[test]
fn what_is_looked_at_stays_where_it_is_while_other_rows_come() {
    let watching = watching(site(&[], &many(300, 1)), &[], &REPORT);
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    browser.until("document.getElementById('grid').ariaRowCount === '301'");
    browser.press(&["j"]);
    browser.press(&[key::PAGE_DOWN; 6]);
    let (active, top) =
        (looking.active(), "document.querySelector('.row.active').getBoundingClientRect().top");
    let before = browser.value(top).as_f64().unwrap();
    let more: Vec<Connector> = (0..40).map(|number| one(&format!("a{number}"), 1)).collect();
    watching.site.declare(&[more, many(300, 1)].concat());
    browser.until("document.getElementById('grid').ariaRowCount === '341'");
    assert_eq!((looking.active(), looking.focus()), (active, "grid".into()));
    let after = browser.value(top).as_f64().unwrap();
    assert!((after - before).abs() < 1.0, "the active row was at {before} and is at {after}");
    // What changes is marked for a moment.
    watching.site.declare(&many(5, 1));
    browser.press(&[key::HOME]);
    browser.until("document.getElementById('grid').ariaRowCount === '6'");
    watching.site.declare(&[many(5, 1), vec![one("zz", 1)]].concat());
    browser.until(&format!("{}?.classList.contains('fresh')", row("zz")));
    browser.until("!document.querySelector('.row.fresh')");
    looking.is_clean();
}

#[test]
fn everything_can_be_done_with_the_keyboard_alone() {
    let watching = watching(site(&[], &many(60, 1)), &[], &REPORT);
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    browser.until("document.getElementById('grid').ariaRowCount === '61'");
    let is_active = |name: &str| assert_eq!(looking.active(), format!("FlinkConnector/{name}"));

    browser.press(&["j"]);
    is_active("c00000");
    browser.press(&["/"]);
    assert_eq!(looking.focus(), "query");
    browser.type_in("c0004");
    browser.until("document.getElementById('grid').ariaRowCount === '11'");
    browser.press(&[key::ENTER]);
    assert_eq!(looking.focus(), "grid");
    is_active("c00040");
    browser.press(&["j", key::DOWN, key::DOWN, "k", key::UP, key::DOWN]);
    is_active("c00042");
    browser.press(&[key::END]);
    is_active("c00049");
    browser.press(&[key::HOME]);
    is_active("c00040");
    let outline = "getComputedStyle(document.querySelector('.row.active')).boxShadow";
    assert!(browser.value(outline).as_str().unwrap().contains("inset"), "the focus is seen");

    browser.press(&[key::DOWN, key::ENTER]);
    browser.until("document.querySelector('[data-part=history] li')");
    assert_eq!(looking.focus(), "detail-title");
    assert_eq!(browser.value("document.getElementById('detail').getAttribute('role')"), "region");
    // Nothing holds the focus: it goes out of the panel on both sides.
    browser.press_with(key::SHIFT, key::TAB);
    assert_eq!(looking.focus(), "grid");
    browser.press(&[key::TAB]);
    assert_eq!(looking.focus(), "detail-close");
    browser.press(&[key::TAB, key::TAB, key::TAB]);
    assert_eq!(browser.value("document.getElementById('detail').contains(document.activeElement)"), false);
    browser.press_with(key::SHIFT, key::TAB);
    browser.press(&["j"]);
    browser.until("document.getElementById('detail-title').textContent.includes('c00042')");
    browser.press(&[key::ESCAPE]);
    browser.until("document.getElementById('detail').hidden");
    assert_eq!(looking.focus(), "grid");
    is_active("c00042");
    // The search goes, the row that was looked at does not.
    browser.press(&[key::ESCAPE]);
    browser.until("document.getElementById('grid').ariaRowCount === '61'");
    assert_eq!(browser.value("document.getElementById('query').value"), "");

    browser.press(&["?"]);
    assert_eq!(browser.value("document.getElementById('keys').open"), true);
    browser.press(&["j", key::ESCAPE]);
    assert_eq!(browser.value("document.getElementById('keys').open"), false);
    browser.press(&["p"]);
    browser.until("document.querySelector('#pass-rows tr')");
    browser.press(&["r", key::PAGE_DOWN]);
    assert_eq!(looking.focus(), "grid");
    looking.is_clean();
}

#[test]
fn ten_thousand_objects_are_a_few_rows_at_a_time() {
    let site = site(&many(3, 1), &many(10_000, 1));
    let watching = watching(site, &[], &["--listen", "127.0.0.1:0", "--mode", "report"]);
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    browser.until("document.getElementById('grid').ariaRowCount === '10001'");
    let is_bounded = || {
        let (rows, all) =
            ("document.querySelectorAll('.row').length", "document.getElementsByTagName('*').length");
        let (rows, all) = (browser.value(rows).as_u64().unwrap(), browser.value(all).as_u64().unwrap());
        assert!((10..100).contains(&rows) && all < 2_000, "{rows} rows, {all} elements");
    };
    is_bounded();
    browser.picture("ten-thousand");
    browser.press(&["j", key::END]);
    // Those that are as declared are the last.
    assert_eq!(looking.active(), "FlinkConnector/c00002");
    browser.until(&format!("{}?.getBoundingClientRect().bottom < innerHeight + 1", row("c00002")));
    is_bounded();
    browser.run("document.getElementById('scroller').scrollTop = 180000");
    browser.until(&row("c05003"));
    is_bounded();
    browser.press(&["/"]);
    browser.type_in("c0999 jarurl");
    looking.until_names(&[]);
    browser.press(&[key::ESCAPE]);
    browser.type_in("orders c0999");
    browser.until("document.getElementById('shown').textContent === '10 of 10,000 resources'");
    assert_eq!(looking.names().len(), 10);
    looking.is_clean();
}

/// How well the texts of the page can be read: the worst contrast of each, to what is behind it.
const CONTRASTS: &str = "
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (part) => (part /= 255, part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const behind = (at) => {
      for (; at; at = at.parentElement) {
        const colour = numbers(getComputedStyle(at).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
      }
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text; (text = texts.nextNode()); ) {
      const at = text.parentElement;
      if (!text.data.trim() || !at.checkVisibility({ visibilityProperty: true }) || at.closest('option, noscript')) continue;
      const [front, back] = [light(numbers(getComputedStyle(at).color)), light(behind(at))];
      const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
      found.push([text.data.trim(), contrast]);
    }
    return found;";

#[test]
fn both_themes_can_be_read_and_a_choice_outlasts_the_page() {
    let site = site(&[one("a", 1), one("b", 1)], &[one("a", 2), one("b", 1), one("broken", 1)]);
    let watching = watching(site, &["--fail", "register:400x1000000"], &["--listen", "127.0.0.1:0"]);
    watching.write("wrong.yaml", "apiVersion: reconcile/v1\nkind: Nonsense\n");
    let looking = Looking::at(watching.watch(), DESK).live();
    let browser = &looking.browser;
    looking.until_row_says("broken", "Failed");
    browser.until("!document.getElementById('diagnosed').hidden");
    browser.click(".row[data-address=\"FlinkConnector/broken\"]");
    browser.until("document.querySelector('[data-part=diff] .line')");
    let mut grounds = Vec::new();
    for theme in ["light", "dark"] {
        browser.prefer(theme);
        grounds.push(browser.value("getComputedStyle(document.body).backgroundColor"));
        let contrasts = browser.run(CONTRASTS);
        let contrasts = contrasts.as_array().unwrap();
        assert!(contrasts.len() > 40, "{contrasts:?}");
        for pair in contrasts {
            assert!(pair[1].as_f64().unwrap() >= 4.5, "{theme}: {pair}");
        }
        browser.picture(&format!("opened-{theme}"));
    }
    assert_ne!(grounds[0], grounds[1]);

    // Dark is preferred, light is chosen, here and when the page comes back.
    browser.click("[data-theme-choice=light]");
    for _ in 0..2 {
        assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), grounds[0]);
        browser.reload();
    }
    browser.click("[data-theme-choice=auto]");
    assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), grounds[1]);
    assert_eq!(browser.value("localStorage.length"), 0);
    looking.browser.until("document.body.dataset.link === 'live'");
    looking.is_clean();
}

#[test]
fn on_a_phone_nothing_is_cut_off_and_what_is_opened_lies_above_everything() {
    let watching = watching(site(&many(2, 1), &many(40, 1)), &[], &REPORT);
    let looking = Looking::at(watching.watch(), PHONE).live();
    let browser = &looking.browser;
    browser.until("document.getElementById('grid').ariaRowCount === '41'");
    let fits = || {
        assert_eq!(
            browser.value("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"),
            0
        );
    };
    fits();
    browser.picture("phone");
    browser.run("scrollTo(0, document.body.scrollHeight)");
    browser.until(&row("c00001"));
    browser.click(".row[data-address=\"FlinkConnector/c00039\"]");
    browser.until("document.querySelector('[data-part=diff] .line')");
    let panel = "document.getElementById('detail')";
    assert_eq!(browser.value(&format!("{panel}.getAttribute('role')")), "dialog");
    assert_eq!(browser.value(&format!("{panel}.getBoundingClientRect().width")), PHONE.0);
    assert_eq!(browser.value("document.querySelector('.looks').inert"), true);
    assert_eq!(looking.focus(), "detail-title");
    fits();
    browser.press(&[key::ESCAPE]);
    browser.until(&format!("{panel}.hidden"));
    assert_eq!(
        (browser.value("document.querySelector('.looks').inert"), looking.focus()),
        (false.into(), "grid".into())
    );
    browser.click("[data-tab=passes]");
    browser.until("document.querySelector('#pass-rows tr')");
    fits();
    looking.is_clean();
}

#[test]
fn a_token_is_asked_for_and_kept_for_the_session_alone() {
    let token = "canary-0123456789";
    let site = Site::new();
    site.declare(&[one("a", 1)]);
    std::fs::write(site.path().join("token"), token).unwrap();
    let watching = watching(site, &[], &[&REPORT[..], &["--token-file", "token"]].concat());
    let looking = Looking::at(watching.watch(), DESK);
    let browser = &looking.browser;
    browser.until("!document.getElementById('locked').hidden");
    assert_eq!(looking.focus(), "token");
    assert_eq!(browser.value("document.getElementById('board').checkVisibility()"), false);
    browser.type_in("wrong");
    browser.press(&[key::ENTER]);
    browser.until("document.getElementById('refused').textContent === 'This token is not accepted.'");
    browser.picture("token");
    browser.type_in(token);
    browser.press(&[key::ENTER]);
    browser.until("document.body.dataset.link === 'live'");
    looking.until_names(&["a"]);
    browser.click(".row");
    browser.until("document.querySelector('[data-part=diff] .line')");
    browser.reload();
    browser.until("document.body.dataset.link === 'live'");
    assert_eq!(
        (browser.value("sessionStorage.length"), browser.value("localStorage.length")),
        (1.into(), 0.into())
    );
    assert_eq!(
        browser.value("document.cookie + location.href").as_str().unwrap().matches("canary").count(),
        0
    );
}

#[test]
fn before_there_is_anything_the_page_says_so() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &["--latency", "30s"]);
    site.declare(&[one("a", 1)]);
    let program = Watching::program(&site, emulator.url(), &REPORT);
    let looking = Looking::at(&program, DESK).live();
    let nothing = "document.getElementById('nothing').textContent";
    looking.browser.until(&format!("{nothing}.startsWith('The first pass is under way')"));
    let mode = looking.browser.value("document.getElementById('mode').textContent");
    assert_eq!(mode, "report only: changes nothing");
    looking.is_clean();
}
