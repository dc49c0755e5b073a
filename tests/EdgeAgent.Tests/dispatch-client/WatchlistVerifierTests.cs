using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Contract;
using Google.Protobuf;
using Patrol.Dispatch.V1;

namespace EdgeAgent.Tests.DispatchClient;

public sealed class WatchlistVerifierTests : IDisposable
{
    private const long Hour = 3_600_000;
    private readonly TestPki pki = new();

    /// <summary>One thing wrong with a list's claims or entries, and the code that names it.</summary>
    private static readonly Dictionary<string, (string Code, Func<Watchlist> From, Action<Watchlist> Spoil)> Faults = new()
    {
        ["kind missing"] = (ListRefusals.NoKind, TestLists.Plates, list => list.Kind = ListKind.Unspecified),
        ["kind unknown"] = (ListRefusals.NoKind, TestLists.Plates, list => list.Kind = (ListKind)9),
        ["category missing"] = (ListRefusals.NoCategory, TestLists.Plates, list => list.Category = ListCategory.Unspecified),
        ["category outside the set"] = (ListRefusals.NoCategory, TestLists.Plates, list => list.Category = (ListCategory)17),
        ["authority missing"] = (ListRefusals.NoAuthority, TestLists.Plates, list => list.Authority = ""),
        ["authority blank"] = (ListRefusals.NoAuthority, TestLists.Plates, list => list.Authority = "　 "),
        ["legal reference missing"] = (ListRefusals.NoLegalReference, TestLists.Plates, list => list.LegalReference = ""),
        ["purpose missing"] = (ListRefusals.NoPurpose, TestLists.Plates, list => list.Purpose = " "),
        ["ended"] = (ListRefusals.Expired, TestLists.Plates, list => list.ValidToUnixMs = TestLists.Now),
        ["ends before it begins"] = (ListRefusals.Expired, TestLists.Plates, list => (list.ValidFromUnixMs, list.ValidToUnixMs) = (TestLists.Now + 20 * Hour, TestLists.Now + Hour)),
        ["not begun"] = (ListRefusals.NotYetValid, TestLists.Plates, list => list.ValidFromUnixMs = TestLists.Now + Hour),
        ["issued in the future"] = (ListRefusals.NotYetValid, TestLists.Plates, list => list.IssuedAtUnixMs = TestLists.Now + Hour),
        ["faces beyond a day"] = (ListRefusals.TooLongValidity, TestLists.Faces, list => list.ValidToUnixMs = list.IssuedAtUnixMs + 24 * Hour + 1),
        ["named incident beyond three days"] = (ListRefusals.TooLongValidity, TestLists.Plates, list => (list.Category, list.ValidToUnixMs) = (ListCategory.NamedIncidentVehicle, list.IssuedAtUnixMs + 72 * Hour + 1)),
        ["plates beyond a year"] = (ListRefusals.TooLongValidity, TestLists.Plates, list => list.ValidToUnixMs = list.IssuedAtUnixMs + 367 * 24 * Hour),
        ["issue missing"] = (ListRefusals.TooLongValidity, TestLists.Plates, list => list.IssuedAtUnixMs = 0),
        ["no cap of its own"] = (ListRefusals.OverSize, TestLists.Plates, list => list.SizeCap = 0),
        ["over its own cap"] = (ListRefusals.OverSize, TestLists.Plates, list => list.SizeCap = 1),
        ["delta that grows over the cap"] = (ListRefusals.DeltaWithoutBase, TestLists.Plates, list => (list.DeltaFromVersion, list.EntriesAfter) = (2, 101)),
        ["another model"] = (ListRefusals.WrongModel, TestLists.Faces, list => list.EmbeddingModelSha256 = ByteString.CopyFrom(new byte[32])),
        ["model missing"] = (ListRefusals.WrongModel, TestLists.Faces, list => list.EmbeddingModelSha256 = ByteString.Empty),
        ["face authorisation missing"] = (ListRefusals.NoFaceAuthorisation, TestLists.Faces, list => list.FaceAuthorisation = null),
        ["face authorisation by nobody"] = (ListRefusals.NoFaceAuthorisation, TestLists.Faces, list => list.FaceAuthorisation.AuthorisedBy = ""),
        ["face authorisation without reference"] = (ListRefusals.NoFaceAuthorisation, TestLists.Faces, list => list.FaceAuthorisation.Reference = ""),
        ["face authorisation ended"] = (ListRefusals.FaceAuthorisationOutside, TestLists.Faces, list => list.FaceAuthorisation.ToUnixMs = TestLists.Now - 1),
        ["face authorisation begins after the list"] = (ListRefusals.FaceAuthorisationOutside, TestLists.Faces, list => list.FaceAuthorisation.FromUnixMs = TestLists.Now),
        ["face authorisation ends before the list"] = (ListRefusals.FaceAuthorisationOutside, TestLists.Faces, list => list.FaceAuthorisation.ToUnixMs = TestLists.Now + Hour),
        ["a minor who is wanted"] = (ListRefusals.MinorNotAllowed, TestLists.Faces, list => list.Category = ListCategory.WantedWarrant),
        ["faces of a stolen vehicle"] = (ListRefusals.FacesInPlateCategory, TestLists.Faces, list => list.Category = ListCategory.StolenVehicle),
        ["faces of a named incident"] = (ListRefusals.FacesInPlateCategory, TestLists.Faces, list => list.Category = ListCategory.NamedIncidentVehicle),
        ["a face hidden among stolen plates"] = (ListRefusals.FacesInPlateCategory, TestLists.Plates, list => list.Faces.Add(TestLists.Faces().Faces)),
        ["a plate among faces"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Plates.Add(TestLists.Plates().Plates)),
        ["no version"] = (ListRefusals.OlderThanHeld, TestLists.Plates, list => list.Version = 0),
        ["delta without what it builds on"] = (ListRefusals.DeltaWithoutBase, TestLists.Plates, list => list.DeltaFromVersion = 2),
        ["no list id"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.ListId = ""),
        ["removals in a full list"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.RemovedEntryIds.Add("p9")),
        ["empty plate"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.Plates[1].Plate = ""),
        ["plate with a blank"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.Plates[1].Plate = "京A 12345"),
        ["plate too long"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.Plates[1].Plate = new string('A', 17)),
        ["entry without id"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.Plates[0].EntryId = ""),
        ["entry twice"] = (ListRefusals.BadEntry, TestLists.Plates, list => list.Plates[1].EntryId = "p1"),
        ["template missing"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].Template = ByteString.Empty),
        ["template of another length"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].Template = ByteString.CopyFrom(new byte[128 * 4])),
        ["template of zeros"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].Template = ByteString.CopyFrom(new byte[512 * 4])),
        ["template not normalised"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].Template = TestLists.Template(1, 1.01)),
        ["template with NaN"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].Template = WithNaN(list.Faces[0].Template)),
        ["portrait too large"] = (ListRefusals.BadEntry, TestLists.Faces, list => list.Faces[0].PortraitJpeg = ByteString.CopyFrom(new byte[70_000])),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    public void Dispose() => pki.Dispose();

    [Fact]
    public void A_right_list_is_accepted()
    {
        foreach (var list in (Watchlist[])[TestLists.Plates(), TestLists.Faces()])
        {
            var verdict = WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check());
            Assert.Equal("accepted", verdict.Code);
            Assert.Equal(list, verdict.List);
        }
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void A_list_with_one_fault_is_refused_with_its_reason(string fault)
    {
        var (code, from, spoil) = Faults[fault];
        var list = from();
        spoil(list);
        var verdict = WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check());
        AssertRefused(code, verdict);
    }

    [Fact]
    public void Bytes_that_are_no_list_are_named_so()
    {
        AssertRefused(ListRefusals.NotAnEnvelope, Verify([]));
        AssertRefused(ListRefusals.NotAnEnvelope, Verify("PK\x03\x04 not a list"u8.ToArray()));
        AssertRefused(ListRefusals.NotAnEnvelope, Verify(TestLists.Plates().ToByteArray()));
        AssertRefused(ListRefusals.NotAnEnvelope, Verify(Envelope(Envelopes.DecisionType, TestLists.Plates().ToByteArray())));
        AssertRefused(ListRefusals.NotAnEnvelope, Verify(Envelope(Envelopes.WatchlistType, [0xff, 0xff, 0xff])));
    }

    [Fact]
    public void Over_the_policys_sizes_is_refused_whatever_the_list_allows_itself()
    {
        var envelope = pki.Sign(TestLists.Plates());
        AssertRefused(ListRefusals.OverSize, WatchlistVerifier.Verify(envelope, pki.ListTrust(), TestLists.Check() with { MaxEnvelopeBytes = envelope.Length - 1 }));
        AssertRefused(ListRefusals.OverSize, WatchlistVerifier.Verify(envelope, pki.ListTrust(), TestLists.Check() with { MaxPlates = 1 }));
        AssertRefused(ListRefusals.OverSize, WatchlistVerifier.Verify(pki.Sign(TestLists.Faces()), pki.ListTrust(), TestLists.Check() with { MaxFaces = 0 }));
    }

    [Fact]
    public void Unsigned_and_wrongly_signed_lists_are_told_apart()
    {
        var payload = TestLists.Plates().ToByteArray();
        using var strangers = new TestPki();
        AssertRefused(ListRefusals.NoSignature, Verify(Envelope(Envelopes.WatchlistType, payload, [])));
        AssertRefused(ListRefusals.NoSignature, Verify(Envelope(Envelopes.WatchlistType, payload, pki.Approvers())));
        AssertRefused(ListRefusals.NoSignature, Verify(Envelope(Envelopes.WatchlistType, payload, [pki.IssuerSigner(), pki.IssuerSigner(), .. pki.Approvers()])));
        AssertRefused(ListRefusals.UnknownIssuer, Verify(strangers.Sign(TestLists.Plates())));
        // A right certificate, but the one of an approver, a unit or nobody.
        AssertRefused(ListRefusals.UnknownIssuer, Verify(Envelope(Envelopes.WatchlistType, payload, [TestPki.Signer(SignerRole.Issuer, pki.ApproverOne), .. pki.Approvers()])));
        using var unit = pki.UnitCertificate("unit-1");
        AssertRefused(ListRefusals.UnknownIssuer, Verify(Envelope(Envelopes.WatchlistType, payload, [TestPki.Signer(SignerRole.Issuer, unit), .. pki.Approvers()])));
        AssertRefused(ListRefusals.UnknownIssuer, Verify(Envelope(Envelopes.WatchlistType, payload, [pki.IssuerSigner() with { CertificatesDer = [] }, .. pki.Approvers()])));
        // The issuer's certificate over another key's signature.
        AssertRefused(ListRefusals.BadSignature, Verify(Envelope(Envelopes.WatchlistType, payload, [pki.IssuerSigner() with { Key = strangers.Issuer.GetECDsaPrivateKey()! }, .. pki.Approvers()])));
    }

    [Fact]
    public void An_issuer_whose_certificate_has_ended_is_unknown()
    {
        using var ended = ListCertificates.CreateIssuer(pki.ListRoot, "issuer", [ListCategory.StolenVehicle], TestPki.Begin, TestPki.Begin.AddDays(30));
        var envelope = Envelope(Envelopes.WatchlistType, TestLists.Plates().ToByteArray(), [TestPki.Signer(SignerRole.Issuer, ended), .. pki.Approvers()]);
        AssertRefused(ListRefusals.UnknownIssuer, Verify(envelope));
    }

    [Fact]
    public void An_issuer_may_use_only_the_categories_of_its_certificate()
    {
        using var issuer = ListCertificates.CreateIssuer(pki.ListRoot, "plates only", [ListCategory.StolenVehicle], TestPki.Begin, TestPki.End);
        Assert.Equal([ListCategory.StolenVehicle], ListCertificates.AllowedCategories(issuer));
        var faces = Envelope(Envelopes.WatchlistType, TestLists.Faces().ToByteArray(), [TestPki.Signer(SignerRole.Issuer, issuer), .. pki.Approvers()]);
        AssertRefused(ListRefusals.IssuerNotAllowedCategory, Verify(faces));
        var plates = Envelope(Envelopes.WatchlistType, TestLists.Plates().ToByteArray(), [TestPki.Signer(SignerRole.Issuer, issuer), .. pki.Approvers()]);
        Assert.True(Verify(plates).Accepted);
    }

    [Fact]
    public void It_takes_two_different_approvers_and_the_issuer_is_none()
    {
        var payload = TestLists.Plates().ToByteArray();
        var (one, two) = (pki.Approvers()[0], pki.Approvers()[1]);
        using var issuerAsApprover = ListCertificates.CreateApprover(pki.ListRoot, "issuer", TestPki.Begin, TestPki.End);
        using var secondCard = ListCertificates.CreateApprover(pki.ListRoot, "approver one", TestPki.Begin, TestPki.End);
        using var strangers = new TestPki();
        foreach (var approvers in (EnvelopeSigner[][])
            [
                [],
                [one],
                [one, one],
                [one, TestPki.Signer(SignerRole.Approver, secondCard)],
                [one, TestPki.Signer(SignerRole.Approver, issuerAsApprover)],
                [one, TestPki.Signer(SignerRole.Approver, pki.Issuer)],
                [one, strangers.Approvers()[1]],
                [one, two with { Role = SignerRole.Unit }],
                [one, two with { CertificatesDer = [] }],
            ])
        {
            AssertRefused(ListRefusals.TooFewApprovers, Verify(Envelope(Envelopes.WatchlistType, payload, [pki.IssuerSigner(), .. approvers])));
        }
        AssertRefused(ListRefusals.BadSignature, Verify(Envelope(Envelopes.WatchlistType, payload, [pki.IssuerSigner(), one, two with { Key = one.Key }])));
        Assert.True(Verify(Envelope(Envelopes.WatchlistType, payload, [one, two, pki.IssuerSigner()])).Accepted);
    }

    [Fact]
    public void An_older_version_than_held_is_refused_and_a_delta_builds_on_exactly_what_is_held()
    {
        var list = TestLists.Plates();
        AssertRefused(ListRefusals.OlderThanHeld, WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check() with { HeldVersion = 4 }));
        Assert.True(WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check() with { HeldVersion = 3 }).Accepted);
        list.DeltaFromVersion = 2;
        list.EntriesAfter = 4;
        Assert.True(WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check() with { HeldVersion = 2 }).Accepted);
        AssertRefused(ListRefusals.DeltaWithoutBase, WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check() with { HeldVersion = 1 }));
        list.EntriesAfter = 101;
        AssertRefused(ListRefusals.OverSize, WatchlistVerifier.Verify(pki.Sign(list), pki.ListTrust(), TestLists.Check() with { HeldVersion = 2 }));
    }

    [Fact]
    public void Any_changed_byte_of_an_envelope_is_refused()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), out var given) ? given : 20261122;
        var random = new Random(seed);
        var envelope = pki.Sign(TestLists.Plates());
        for (var i = 0; i < 400; i++)
        {
            var at = random.Next(envelope.Length);
            var flip = (byte)(1 << random.Next(8));
            var changed = envelope.ToArray();
            changed[at] ^= flip;
            Assert.False(Verify(changed).Accepted, $"seed {seed}: byte {at} of {envelope.Length} changed by {flip:x2}");
        }
    }

    [Fact]
    public void A_cut_envelope_is_refused_at_every_length()
    {
        var envelope = pki.Sign(TestLists.Plates());
        for (var length = 0; length < envelope.Length; length += 7)
            Assert.False(Verify(envelope[..length]).Accepted, $"cut to {length}");
    }

    [Fact]
    public void Every_refusal_has_a_sentence_in_both_languages_and_a_test()
    {
        var tested = Faults.Values.Select(fault => fault.Code).Concat(
        [
            ListRefusals.NotAnEnvelope, ListRefusals.NoSignature, ListRefusals.UnknownIssuer, ListRefusals.BadSignature,
            ListRefusals.IssuerNotAllowedCategory, ListRefusals.TooFewApprovers,
        ]).Distinct();
        Assert.Equal(ListRefusals.Codes.Order(), tested.Order());
    }

    private WatchlistVerdict Verify(byte[] envelope) => WatchlistVerifier.Verify(envelope, pki.ListTrust(), TestLists.Check());

    private byte[] Envelope(string type, byte[] payload, EnvelopeSigner[]? signers = null) =>
        Envelopes.Sign(type, payload, signers ?? [pki.IssuerSigner(), .. pki.Approvers()]).ToByteArray();

    private static void AssertRefused(string code, WatchlistVerdict verdict)
    {
        Assert.Equal(code, verdict.Code);
        Assert.False(verdict.Accepted);
        Assert.Contains(verdict.SentenceZh, c => c is >= '一' and <= '鿿');
        Assert.Matches("^[A-Z].*[.)]$", verdict.SentenceEn);
    }

    private static ByteString WithNaN(ByteString template)
    {
        var bytes = template.ToByteArray();
        BitConverter.GetBytes(float.NaN).CopyTo(bytes, 40);
        return ByteString.CopyFrom(bytes);
    }
}
