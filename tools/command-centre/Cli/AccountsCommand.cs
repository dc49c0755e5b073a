using System.CommandLine;
using EdgeAgent.CommandCentre.ConsoleApi;
using EdgeAgent.CommandCentre.Storage;

namespace EdgeAgent.CommandCentre.Cli;

internal static class AccountsCommand
{
    private const int LeastPassword = 10;

    public static Command Create() => new("accounts", "People who sign in at the console.") { Add(), Remove(), Recover() };

    private static Command Add()
    {
        var data = CliShared.Data();
        var user = new Option<string>("--user") { Description = "Name to sign in with.", Required = true };
        var role = new Option<string>("--role") { Description = string.Join(", ", AccountTable.Roles), Required = true };
        var password = new Option<bool>("--password-stdin") { Description = "Read the password (10 characters or more) from standard input.", Required = true };
        var district = new Option<string>("--district") { Description = "Sees only the units of this district; left out: the whole city.", DefaultValueFactory = _ => "" };
        var json = CliShared.AsJson();
        _ = role.AcceptOnlyFromAmong([.. AccountTable.Roles]);
        var command = new Command(
            "add",
            "Adds an account, or gives one a new password and role, which ends its sessions. "
            + "Example: echo \"$PASSWORD\" | command-centre accounts add --data /var/lib/centre --user wang --role dispatcher --password-stdin")
        { data, user, role, district, password, json };
        command.Does(parsed =>
        {
            var account = CliShared.RequireId(parsed.GetValue(user)!, "an account");
            var secret = CliShared.Secret("password");
            if (secret.Length is < LeastPassword or > 256)
                throw new CentreException($"A password has {LeastPassword} to 256 characters.");
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var (hash, now) = (ConsoleAccess.HashPassword(account, secret), OpenCentre.Now);
            _ = centre.Database.Write(transaction =>
            {
                AccountTable.Put(transaction, account, parsed.GetValue(role)!, CliShared.District(parsed.GetValue(district)), hash, now);
                AuditTable.Add(transaction, new AuditRow("command-line", "account_set", account, parsed.GetValue(role)!), now);
                return 0;
            });
            if (parsed.GetValue(json))
                CliShared.Print(new { user = account, role = parsed.GetValue(role), district = parsed.GetValue(district) });
            else
                Console.Out.WriteLine($"{account} may sign in as {parsed.GetValue(role)}.");
        });
        return command;
    }

    private static Command Recover()
    {
        var data = CliShared.Data();
        var user = new Option<string>("--user") { Description = "Whose account.", Required = true };
        var command = new Command(
            "recover",
            "The way back in when nobody at a console can open it: unlocks an account and takes its second factor away. The password stays. "
            + "Example: command-centre accounts recover --data /var/lib/centre --user wang") { data, user };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var account = parsed.GetValue(user)!;
            _ = centre.Database.Write(transaction =>
            {
                if (AccountTable.Find(transaction, account) is null)
                    throw new CentreException($"There is no account '{account}'.");
                AccountTable.Lock(transaction, account, null, "", OpenCentre.Now);
                AccountTable.SetTotp(transaction, account, null, 0);
                AuditTable.Add(transaction, new AuditRow("command-line", "account_recovered", account, ""), OpenCentre.Now);
                return 0;
            });
            Console.Out.WriteLine($"{account} signs in with the password alone.");
        });
        return command;
    }

    private static Command Remove()
    {
        var data = CliShared.Data();
        var user = new Option<string>("--user") { Description = "Whose account.", Required = true };
        var command = new Command(
            "remove",
            "Takes an account away, which ends its sessions. "
            + "Example: command-centre accounts remove --data /var/lib/centre --user wang") { data, user };
        command.Does(parsed =>
        {
            using var centre = new OpenCentre(parsed.GetValue(data)!);
            var account = parsed.GetValue(user)!;
            _ = centre.Database.Write(transaction =>
            {
                if (AccountTable.Remove(transaction, account) == 0)
                    throw new CentreException($"There is no account '{account}'.");
                AuditTable.Add(transaction, new AuditRow("command-line", "account_removed", account, ""), OpenCentre.Now);
                return 0;
            });
            Console.Out.WriteLine($"{account} can sign in no longer.");
        });
        return command;
    }
}
