using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

/// <summary>What car and centre share about look-ups: what can be asked about, for what, and what may be learnt.</summary>
public sealed class LookUpRulesTests
{
    // Check characters reckoned by hand from GB 11643's own examples (11010519491231002X, 440524188001010014 is before 1900).
    private const string Document = "11010519491231002X";

    [Theory]
    [InlineData("京A12345", "京A12345")]
    [InlineData("京a·12345", "京A12345")]
    [InlineData(" 沪A-D12345 ", "沪AD12345")]
    [InlineData("粤Z1234港", "粤Z1234港")]
    [InlineData("京A1234警", "京A1234警")]
    [InlineData("使014578", "使014578")]
    [InlineData("A12345", null)]
    [InlineData("京A1234", null)]
    [InlineData("京A1234567", null)]
    [InlineData("京Ａ12345", null)]
    [InlineData("京A12345\n", "京A12345")]
    [InlineData("京A1'; --", null)]
    [InlineData("", null)]
    public void A_plate_has_one_way_of_being_written_or_none(string written, string? plate) =>
        Assert.Equal(plate, LookUpSubjects.Normalise(LookUpKind.Plate, written));

    [Theory]
    [InlineData(Document, Document)]
    [InlineData("11010519491231002x", Document)]
    [InlineData("110105 19491231 002X", Document)]
    [InlineData("110105194912310021", null)]
    [InlineData("110105194912310029", null)]
    [InlineData("440524188001010014", null)]
    [InlineData("11010519490231002X", null)]
    [InlineData("110105491231002", null)]
    [InlineData("E12345678", null)]
    [InlineData("", null)]
    public void A_document_number_has_eighteen_characters_a_real_day_and_a_right_check_character(string written, string? number) =>
        Assert.Equal(number, LookUpSubjects.Normalise(LookUpKind.Document, written));

    [Fact]
    public void Any_single_wrong_digit_of_a_document_number_is_refused_and_endless_text_at_once()
    {
        for (int at = 0; at < 17; at++)
        {
            foreach (char digit in "0123456789".Where(d => d != Document[at]))
                Assert.Null(LookUpSubjects.Normalise(LookUpKind.Document, Document[..at] + digit + Document[(at + 1)..]));
        }
        Assert.Null(LookUpSubjects.Normalise(LookUpKind.Plate, "京A12345" + new string(' ', 10_000_000)));
        Assert.Null(LookUpSubjects.Normalise(LookUpKind.Unspecified, Document));
    }

    [Fact]
    public void Each_purpose_may_learn_what_the_table_says_and_nothing_else()
    {
        Dictionary<(LookUpPurpose, LookUpKind), string> expected = new()
        {
            [(LookUpPurpose.TrafficStop, LookUpKind.Plate)] = "PlateClass Vehicle Stolen Insurance Inspection",
            [(LookUpPurpose.TrafficStop, LookUpKind.Document)] = "Name Wanted",
            [(LookUpPurpose.IdentityCheck, LookUpKind.Document)] = "Name Wanted Missing",
            [(LookUpPurpose.Accident, LookUpKind.Plate)] = "PlateClass Vehicle Stolen Insurance",
            [(LookUpPurpose.Accident, LookUpKind.Document)] = "Name",
            [(LookUpPurpose.PersonInDistress, LookUpKind.Document)] = "Name Missing",
            [(LookUpPurpose.Call, LookUpKind.Plate)] = "PlateClass Vehicle Stolen",
            [(LookUpPurpose.Call, LookUpKind.Document)] = "Name Wanted Missing",
        };
        foreach (LookUpPurpose purpose in Enum.GetValues<LookUpPurpose>().Append((LookUpPurpose)99))
        {
            foreach (LookUpKind kind in Enum.GetValues<LookUpKind>().Append((LookUpKind)99))
                Assert.Equal(expected.GetValueOrDefault((purpose, kind), ""), string.Join(' ', LookUpRules.Facts(purpose, kind)));
        }
    }

    [Fact]
    public void A_whole_request_passes_and_each_fault_has_its_code()
    {
        Assert.Equal("", LookUpRules.Problem(Request()));
        Assert.Equal("", LookUpRules.Problem(Request(r => (r.Purpose, r.CallId) = (LookUpPurpose.Call, Id()))));
        (string Code, Action<LookUpRequest> Spoil)[] faults =
        [
            (LookUpCodes.BadId, r => r.Id = ByteString.Empty),
            (LookUpCodes.BadId, r => r.Id = ByteString.CopyFrom(new byte[17])),
            (LookUpCodes.BadKind, r => r.Kind = LookUpKind.Unspecified),
            (LookUpCodes.BadKind, r => r.Kind = (LookUpKind)9),
            (LookUpCodes.BadPurpose, r => r.Purpose = LookUpPurpose.Unspecified),
            (LookUpCodes.BadPurpose, r => r.Purpose = (LookUpPurpose)9),
            (LookUpCodes.BadPlate, r => r.Subject = "京A·12345"),
            (LookUpCodes.BadPlate, r => r.Subject = new string('A', 1_000_000)),
            (LookUpCodes.BadPlate, r => r.Subject = ""),
            (LookUpCodes.BadDocument, r => r.Kind = LookUpKind.Document),
            (LookUpCodes.PurposeNotAllowed, r => r.Purpose = LookUpPurpose.PersonInDistress),
            (LookUpCodes.PurposeNotAllowed, r => r.Purpose = LookUpPurpose.IdentityCheck),
            (LookUpCodes.CallNeeded, r => r.Purpose = LookUpPurpose.Call),
            (LookUpCodes.CallNeeded, r => r.CallId = Id()),
            (LookUpCodes.ReasonNeeded, r => (r.Kind, r.Subject, r.Purpose, r.Reason) = (LookUpKind.Document, Document, LookUpPurpose.IdentityCheck, " ")),
            (LookUpCodes.ReasonTooLong, r => r.Reason = new string('x', 201)),
            (LookUpCodes.NotSignedIn, r => r.OfficerId = ""),
            (LookUpCodes.NotSignedIn, r => r.OfficerId = new string('x', 65)),
            (LookUpCodes.NotSignedIn, r => r.SessionId = ""),
        ];
        Assert.All(faults, f => Assert.Equal(f.Code, LookUpRules.Problem(Request(f.Spoil))));
    }

    [Fact]
    public void Words_of_purposes_and_kinds_are_those_of_pages_and_audit_rows()
    {
        Assert.Equal(
            ["unspecified", "traffic_stop", "identity_check", "accident", "person_in_distress", "call"],
            Enum.GetValues<LookUpPurpose>().Select(LookUpRules.Word));
        Assert.Equal(["unspecified", "plate", "document"], Enum.GetValues<LookUpKind>().Select(LookUpRules.Word));
        Assert.Equal("77", LookUpRules.Word((LookUpPurpose)77));
    }

    private static ByteString Id() => ByteString.CopyFrom(Uuid7.New(TimeProvider.System));

    private static LookUpRequest Request(Action<LookUpRequest>? change = null)
    {
        var request = new LookUpRequest
        {
            Id = Id(),
            Kind = LookUpKind.Plate,
            Subject = "京A12345",
            Purpose = LookUpPurpose.TrafficStop,
            OfficerId = "010001",
            SessionId = "s1",
            AtUnixMs = 1,
        };
        change?.Invoke(request);
        return request;
    }
}
