using System.CommandLine;
using EdgeAgent.Rig.Clips;

namespace EdgeAgent.Rig;

internal static class PicturesCommand
{
    public static Command Create()
    {
        var cache = new Option<string>("--cache") { Description = "The folder that keeps them, in pictures/.", Required = true };
        var command = new Command("pictures", "Fetches the pictures of people that anybody may use. Example: rig pictures --cache .cache/rig") { cache };
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                foreach (Person person in await FreePictures.GetAsync(parsed.GetValue(cache)!, new Progress<string>(Console.Error.WriteLine), stop))
                    Console.Out.WriteLine(person.Id);
                return 0;
            }
            catch (RigException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }
}
