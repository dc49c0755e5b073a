using System.CommandLine;
using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Eval;
using EdgeAgent.Vision.Inference;

var directory = new Argument<DirectoryInfo>("DIR") { Description = "the folder of labelled pictures" };
var perFile = new Option<bool>("--per-file") { Description = "also give each picture's readings" };

var faces = new Command("faces", "Face verification and search. DIR: a folder per person, two pictures = a genuine pair, one = an unlisted person.");
faces.Arguments.Add(directory);
faces.SetAction(parsed => Report.Run(() => FaceEval.Run(parsed.GetRequiredValue(directory).FullName, ModelStore.Open(), Console.Error)));

var plates = new Command("plates", "Plate reading. DIR: pictures with a labels.csv (file,plate,kind,…; kind: scene or crop).");
plates.Arguments.Add(directory);
plates.Options.Add(perFile);
plates.SetAction(parsed => Report.Run(() =>
    PlateEval.Run(parsed.GetRequiredValue(directory).FullName, parsed.GetValue(perFile), ModelStore.Open(), Console.Error)));

var eval = new Command("eval", "Accuracy on labelled pictures. Progress goes to standard error; the last line of standard output is one JSON object.")
{
    faces,
    plates,
    DriveEval.Command(),
};
var root = new RootCommand("EdgeAgent's measurements.") { eval };
var result = root.Parse(args);
// What cannot be understood is the caller's error, like a folder that is not there: exit code 2.
return result.Errors.Count > 0 ? Report.Refuse(string.Join(" ", result.Errors.Select(e => e.Message))) : result.Invoke();
