using System.CommandLine;
using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Bench;
using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Benchmarks.Fleet;
using EdgeAgent.Benchmarks.Reporting;
using EdgeAgent.Vision.Inference;

var directory = new Argument<DirectoryInfo>("DIR") { Description = "the folder of labelled pictures" };
var perFile = new Option<bool>("--per-file") { Description = "also give each picture's readings" };

var faces = new Command("faces", "Face verification and search. DIR: a folder per person, two pictures = a genuine pair, one = an unlisted person.");
var facesReport = ReportPath.Option("faces");
faces.Arguments.Add(directory);
faces.Options.Add(facesReport);
faces.SetAction(parsed => Report.Run(() =>
    FaceEval.Run(parsed.GetRequiredValue(directory).FullName, ModelStore.Open(), Console.Error, parsed.GetRequiredValue(facesReport))));

var visits = new Option<int>("--visits") { Description = "degraded visits to draw, and most to make of real scenes; 0: none", DefaultValueFactory = _ => new PlateEvalOptions().Visits };
var seed = new Option<int>("--seed") { Description = "of what is drawn", DefaultValueFactory = _ => new PlateEvalOptions().Seed };
var platesReport = ReportPath.Option("plates");
var thumbnails = new Option<bool>("--thumbnails") { Description = "show misread pictures in the report: real plates, so keep it to yourself" };
var plates = new Command("plates", "Plate reading. DIR: pictures with a labels.csv (file,plate,kind,…; kind: scene or crop).")
{
    directory,
    perFile,
    visits,
    seed,
    platesReport,
    thumbnails,
};
plates.SetAction(parsed => Report.Run(() => PlateEval.Run(
    parsed.GetRequiredValue(directory).FullName,
    new PlateEvalOptions(
        parsed.GetValue(perFile), parsed.GetValue(visits), parsed.GetValue(seed), parsed.GetValue(platesReport), parsed.GetValue(thumbnails)),
    ModelStore.Open(), Console.Error)));

var fitSeed = new Option<int>("--seed") { Description = "of the visits to fit to: not the one that eval plates draws", DefaultValueFactory = _ => 1 };
var fitVisits = new Option<int>("--visits") { Description = "visits to draw", DefaultValueFactory = _ => 280 };
var calibrate = new Command("calibrate", "Fits what plate reads and votes state as their confidence to drawn visits; prints constants for plate-recognise in models.json.")
{
    fitSeed,
    fitVisits,
};
calibrate.SetAction(parsed => Report.Run(() =>
    PlateCalibrationFit.Run(parsed.GetValue(fitSeed), parsed.GetValue(fitVisits), ModelStore.Open(), Console.Error)));

var activations = new Command("activations", "Sees the ranges of the plate detector's inner tensors on drawn visits; prints activations for plate-detect in models.json.")
{
    fitSeed,
    fitVisits,
};
activations.SetAction(parsed => Report.Run(() =>
    ActivationRanges.Run(parsed.GetValue(fitSeed), parsed.GetValue(fitVisits), ModelStore.Open(), Console.Error)));

var finding = new Command("finding", "The plate detector that counts in whole numbers beside the exact one. DIR: as for plates.") { directory };
finding.SetAction(parsed => Report.Run(() =>
    new { finding = PlateFinding.Run(parsed.GetRequiredValue(directory).FullName, ModelStore.Open(), Console.Error) }));

var eval = new Command("eval", "Accuracy on labelled pictures. Progress goes to standard error; the last line of standard output is one JSON object.")
{
    faces,
    plates,
    calibrate,
    activations,
    finding,
    DriveEval.Command(),
};

var benchSeed = new Option<int>("--seed") { Description = "what everything random follows from", DefaultValueFactory = _ => 20260 };
var plateCount = new Option<int>("--entries") { Description = "plates in the index", DefaultValueFactory = _ => 10_000_000 };
var platesIndex = new Command("plates-index", "The plate index at the size of a national list: time of a query and of a delta, memory, wrong answers.") { plateCount, benchSeed };
platesIndex.SetAction(parsed => Report.Run(() =>
    PlatesIndexBench.Run(parsed.GetRequiredValue(plateCount), parsed.GetRequiredValue(benchSeed), Console.Error)));

var faceCount = new Option<int>("--entries") { Description = "faces in the index", DefaultValueFactory = _ => 100_000 };
var facesIndex = new Command("faces-index", "The face index beside FAISS's flat one: time at batch 1 and 16, memory, equality of the best match.") { faceCount, benchSeed };
facesIndex.SetAction(parsed => Report.Run(() =>
    FacesIndexBench.Run(parsed.GetRequiredValue(faceCount), parsed.GetRequiredValue(benchSeed), Console.Error)));

var eventCount = new Option<int>("--events") { Description = "events to append, in batches", DefaultValueFactory = _ => 20_000 };
var batchSize = new Option<int>("--batch") { Description = "events a commit", DefaultValueFactory = _ => 100 };
var diskFolder = new Option<DirectoryInfo>("--folder") { Description = "on the disk to measure", DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()) };
var outbox = new Command("outbox", "Durable events a second beside bare SQLite inserts with the same sync; bytes of an alert and of a position.") { eventCount, batchSize, diskFolder, benchSeed };
outbox.SetAction(parsed => Report.RunAsync(() => OutboxBench.RunAsync(
    parsed.GetValue(eventCount), parsed.GetValue(batchSize), parsed.GetValue(benchSeed), parsed.GetRequiredValue(diskFolder).FullName, Console.Error)));

var rounds = new Option<int>("--rounds") { Description = "lists issued and revoked", DefaultValueFactory = _ => 50 };
var listed = new Option<int>("--entries") { Description = "plates in each list", DefaultValueFactory = _ => 1000 };
var revocation = new Command("revocation", "From a list's revocation at the centre until the car matches nothing against it, on a live link.") { rounds, listed };
revocation.SetAction(parsed => Report.RunAsync(() => RevocationBench.RunAsync(parsed.GetValue(rounds), parsed.GetValue(listed), Console.Error)));

var tries = new Option<int>("--tries") { Description = "cameras pulled and plugged again", DefaultValueFactory = _ => 50 };
var pullSeed = new Option<int>("--seed") { Description = "for how long each is out", DefaultValueFactory = _ => 1 };
var replug = new Command("replug", "From a camera's plug until its picture is there, and what the other six notice of it.") { tries, pullSeed };
replug.SetAction(parsed => Report.RunAsync(() => ReplugBench.RunAsync(parsed.GetValue(tries), parsed.GetValue(pullSeed), Console.Error)));

var alertCount = new Option<int>("--alerts") { Description = "alerts to show and decide; 720 are one each five seconds of an hour", DefaultValueFactory = _ => 720 };
var apart = new Option<int>("--every-ms") { Description = "between one decided alert and the next", DefaultValueFactory = _ => 100 };
var terminal = new Command("terminal", "From an event to the officer's screen, the page's load, and whether memory stays flat, with a real host, centre and browser.") { alertCount, apart };
terminal.SetAction(parsed => Report.RunAsync(() => TerminalBench.RunAsync(
    parsed.GetValue(alertCount), parsed.GetValue(apart), Environment.GetEnvironmentVariable("EDGEAGENT_REPOSITORY") ?? Directory.GetCurrentDirectory(), Console.Error)));

var bench = new Command("bench", "Speed and size. Progress goes to standard error; the last line of standard output is one JSON object.")
{
    facesIndex,
    platesIndex,
    outbox,
    revocation,
    replug,
    terminal,
    FleetCommand.Create(),
    FleetCommand.Cars(),
};
var root = new RootCommand("EdgeAgent's measurements.") { eval, bench };
var result = root.Parse(args);
// What cannot be understood is the caller's error, like a folder that is not there: exit code 2.
return result.Errors.Count > 0 ? Report.Refuse(string.Join(" ", result.Errors.Select(e => e.Message))) : result.Invoke();
