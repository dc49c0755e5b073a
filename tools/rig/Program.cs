using System.CommandLine;
using EdgeAgent.Rig;
using EdgeAgent.Rig.Live;
using EdgeAgent.Rig.Run;

// `serve` is the bench: a car's inputs without the car. `run` starts everything on one machine around it, `live` measures a live view.
var root = new RootCommand("The bench: cameras, PTZ and GNSS of a patrol car, without the car.")
{
    ServeCommand.Create(),
    RunCommand.Create(),
    LiveCommand.Create(),
    PicturesCommand.Create(),
};
// Long enough to end gpsd and the children of a run.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
