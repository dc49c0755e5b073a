using System.Data.Common;
using System.Text;
using Patrol.Dispatch.V1;

namespace EdgeAgent.CommandCentre.Storage;

/// <summary>What a face is worth at sign-in to any car: the newest approved proposal (<see cref="ProposalTable"/>) is in force.</summary>
internal static class FaceLoginModes
{
    /// <summary>
    /// What may be proposed. A face alone is not among it: its figures (`./dev chaos login`) do not show that it may stand without the PIN.
    /// </summary>
    public static IReadOnlyDictionary<string, FaceLogin> All { get; } =
        new Dictionary<string, FaceLogin>(StringComparer.Ordinal) { ["with_pin"] = FaceLogin.WithPin, ["off"] = FaceLogin.Off };

    /// <summary>In force; a face and the PIN while nobody approved anything else.</summary>
    public static FaceLogin Current(DbConnection connection, DbTransaction? transaction = null) =>
        ProposalTable.Newest(connection, transaction, ProposalTable.FaceLogin) is { } approved ? All.GetValueOrDefault(WordOf(approved), FaceLogin.Off) : FaceLogin.WithPin;

    public static string Word(FaceLogin mode) => All.First(known => known.Value == mode).Key;

    public static string WordOf(Proposal proposal) => Encoding.UTF8.GetString(proposal.Content);
}
