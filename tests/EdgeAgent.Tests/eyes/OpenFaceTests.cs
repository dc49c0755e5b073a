using EdgeAgent.Eyes.Pipelines;
using EdgeAgent.Eyes.Reading;
using EdgeAgent.Vision.Faces;

namespace EdgeAgent.Tests.Eyes;

public sealed class OpenFaceTests
{
    private readonly OpenFace _face = new();
    private readonly Visit _visit = new("v", VisitKind.Face, 0, null!, 0);

    [Fact]
    public void A_picture_that_was_not_told_is_wiped_when_a_better_one_comes_and_at_the_end()
    {
        byte[] first = [1, 2, 3], second = [4, 5, 6];
        _face.Begin(_visit, 0);
        _face.Show(first, 40);
        _face.Show(second, 50);
        Assert.Equal(new byte[3], first);
        Assert.Equal((second, 50), (_face.Picture, _face.WidthPx));
        _face.End();
        Assert.Equal(new byte[3], second);
    }

    [Fact]
    public void A_picture_on_its_way_in_a_message_is_left_alone_and_the_next_one_is_not()
    {
        byte[] told = [1, 2, 3], next = [4, 5, 6];
        _face.Begin(_visit, 0);
        _face.Show(told, 40);
        Assert.Same(told, _face.TellPicture());
        _face.Show(next, 50);
        _face.End();
        Assert.Equal([1, 2, 3], told);
        Assert.Equal(new byte[3], next);
    }

    [Fact]
    public void Ended_it_belongs_to_nobody_and_knows_nothing()
    {
        _face.Begin(_visit, 0);
        Assert.Same(_face, _visit.Face);
        var embedding = new float[FaceEmbedder.Dimension];
        embedding[0] = 1;
        _face.Pool.Add(embedding, new FaceQuality(60, default, 0.3f, 0.5f, 0.2f, 0, 0.5f, FaceFaults.None));
        _face.End();
        Assert.Null(_visit.Face);
        Assert.Null(_face.Visit);
        Assert.False(_face.Pool.TryRead(embedding));
        Assert.Empty(_face.Picture);
    }
}
